// Lists taken along as files, and the ledger that tells of it.
import type { Locator, Page } from "@playwright/test";

import { content, expectAccessible, expectEventually, expectNoSidewaysScroll } from "../support/pages.ts";
import { runAll } from "../support/runs.ts";
import { expect, test } from "../support/test.ts";

const findings = (page: Page) =>
  content(page).getByRole("table", { name: /^Findings/ }).getByRole("row").filter({ has: page.getByRole("rowheader") });
const entries = (page: Page) =>
  content(page).getByRole("table", { name: /^Entries of the ledger/ }).getByRole("row").filter({ has: page.getByRole("rowheader") });
const filter = (page: Page) => content(page).getByRole("search", { name: "Filter" });

/** What a link downloads: its name, and what is in it. */
async function fileBehind(page: Page, link: Locator): Promise<[string, string]> {
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  let text = "";
  for await (const part of await download.createReadStream()) text += String(part);
  return [download.suggestedFilename(), text];
}

test("the findings that match are a file, with the columns that one sees, and the ledger tells of it", async ({ sandbox, pageOf }) => {
  test.setTimeout(180_000);
  const page = await pageOf("operator");
  // What no other test handles.
  const list = "/findings?kind=issuance_without_certificate";
  await page.goto(list);
  if ((await findings(page).count()) === 0) await runAll(page, sandbox);
  let number = 0;
  // A run's findings come into the lists a few at a time.
  await expect(async () => {
    await page.goto(list);
    number = await findings(page).count();
    expect(number).toBeGreaterThan(0);
    const [name, csv] = await fileBehind(page, content(page).getByRole("link", { name: "Download as CSV" }));
    expect(name).toBe("findings.csv");
    const [head, ...lines] = csv.trim().split("\n");
    expect(head).toMatch(/^id,severity,kind,finding,authority,serial,device,/);
    expect(lines.length).toBe(number);
  }).toPass({ timeout: 60_000 });

  const forms = () => content(page).locator("details").filter({ has: page.getByText("Columns and rows", { exact: true }) });
  const arrange = async (device: boolean) => {
    await forms().locator("summary").click();
    await forms().getByLabel("Device and authority").setChecked(device);
    await forms().getByRole("button", { name: "Show the list so" }).click();
    await expect(content(page).getByRole("columnheader", { name: "Device and authority" })).toHaveCount(device ? 1 : 0);
  };
  await arrange(false);
  const [, text] = await fileBehind(page, content(page).getByRole("link", { name: "As JSON Lines" }));
  await arrange(true);
  const [about, ...rows] = text.trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(about).toMatchObject({ list: "findings", filter: "kind=issuance_without_certificate" });
  expect(rows.length).toBe(number);
  for (const row of rows) expect(Object.keys(row)).not.toContain("device");

  await page.goto("/ledger");
  await filter(page).getByLabel("What").selectOption({ label: "Export ended" });
  await filter(page).getByRole("button", { name: "Apply" }).click();
  await page.waitForURL(/action=export_ended/);
  await expectEventually(entries(page).filter({ hasText: "exports/findings.jsonl" }).first(), 20);
  await expect(entries(page).filter({ hasText: "exports/findings.jsonl" }).first()).toContainText(String(number));
});

test("the ledger is narrowed by its form, and a finding's page leads to its entries", async ({ sandbox, pageOf, javaScriptEnabled }) => {
  test.setTimeout(180_000);
  const page = await pageOf("operator");
  await page.goto("/findings");
  if ((await findings(page).count()) === 0) await runAll(page, sandbox);
  await page.goto("/ledger?outcome=done&action=signed_in");
  await expect(content(page).getByText(/entr(y|ies) looked at for this page/)).toBeVisible();
  await expect(entries(page).filter({ hasText: "Signed in" })).not.toHaveCount(0);
  await expect(entries(page).filter({ hasText: "Run started" })).toHaveCount(0);
  await content(page).getByRole("link", { name: "Remove what: signed in" }).click();
  await page.waitForURL((url) => url.search === "?outcome=done");
  await filter(page).getByLabel("Who").fill("nobody of this name");
  await filter(page).getByRole("button", { name: "Apply" }).click();
  await expect(page.getByRole("heading", { name: /^No entry/ })).toBeVisible();
  if (javaScriptEnabled) {
    await expectAccessible(page);
    await expectNoSidewaysScroll(page, 390);
    await page.setViewportSize({ width: 1280, height: 800 });
  }

  await page.goto("/runs");
  await content(page).getByRole("table").getByRole("rowheader").getByRole("link").first().click();
  await page.waitForURL(/\/runs\/[^/]+\/[^/]+$/);
  await content(page).getByRole("link", { name: "Its entries in the ledger" }).click();
  await page.waitForURL(/\/ledger\?about=run%3A/);
  await expect(entries(page).filter({ hasText: "Run started" })).toHaveCount(1);
  await expect(content(page).getByRole("link", { name: /^Remove about: run:/ })).toBeVisible();
});
