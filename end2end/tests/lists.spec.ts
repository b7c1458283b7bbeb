// A list as its reader wants it: narrowed by properties and their opposites, paged to the end, and set up for oneself.
import type { Locator, Page } from "@playwright/test";

import { content, expectAccessible, expectEventually, expectNoSidewaysScroll } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";

const step = test.step;

const list = (page: Page) => content(page).getByRole("table", { name: "Certificates" });
const rows = (page: Page) => list(page).getByRole("row").filter({ has: page.getByRole("rowheader") });
const filter = (page: Page) => content(page).getByRole("search", { name: "Filter" });
const saved = (page: Page) => content(page).getByRole("navigation", { name: "Saved filters" });
/** "51–100 of 183" in numbers. */
const shown = async (page: Page) => {
  const text = await content(page).getByText(/^\d+–\d+ of \d+/).innerText();
  return (/^(\d+)–(\d+) of (\d+)/.exec(text) ?? []).slice(1).map(Number);
};

/** What was issued before the tests began: the sandbox goes on issuing. */
const BEFORE = `issued=%3C${new Date(Date.now() - 60_000).toISOString().slice(0, 19)}Z`;

/** What a link downloads: its name, and what is in it. */
async function fileBehind(page: Page, link: Locator): Promise<[string, string]> {
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  let text = "";
  for await (const part of await download.createReadStream()) text += String(part);
  return [download.suggestedFilename(), text];
}

async function open(page: Page, query = ""): Promise<void> {
  await page.goto(`/certificates${query}`);
  await expectEventually(list(page), 30);
}

async function add(page: Page, property: string, operator: string, value: string): Promise<void> {
  await filter(page).getByLabel("Property").selectOption({ label: property });
  await filter(page).getByLabel("Operator").selectOption({ label: operator });
  await filter(page).getByLabel("Value").fill(value);
  await filter(page).getByRole("button", { name: "Apply" }).click();
  await page.waitForURL((url) => url.searchParams.get("value") === value);
}

test("a property and its opposite share all certificates, and a token is taken away by its link", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  const number = async (query: string) => {
    await open(page, `?${BEFORE}${query}`);
    return (await shown(page))[2]!;
  };
  // What is revoked outside may come in meanwhile.
  await expect(async () => {
    const [all, revoked, others] = [await number(""), await number("&status=revoked"), await number("&status=!%3Drevoked")];
    expect(revoked, "there are some").toBeGreaterThan(0);
    expect(revoked + others, "nothing twice, nothing missing").toBe(all);
  }).toPass({ timeout: 60_000 });

  await open(page);
  await add(page, "Status", "is not", "revoked");
  await add(page, "Issuer identity", "does not contain", "provisioning");
  await expect(content(page).getByRole("link", { name: /^Remove/ })).toHaveCount(2);
  await content(page).getByRole("link", { name: /^Remove issuer identity: not contains/ }).click();
  await page.waitForURL((url) => url.search === "?status=%21%3Drevoked");
  await expect(content(page).getByRole("link", { name: "Remove status: not revoked" })).toBeVisible();
});

test("a certificate is found by its alternative name, as the trail says it", async ({ sandbox, pageOf }) => {
  const { device } = sandbox.planted_detail.find((one) => one.trouble === "wrong_expiry")!;
  const page = await pageOf("auditor");
  await open(page);
  await expect(async () => {
    await page.goto(`/certificates?san=${device}.devices.example.com`);
    await expect(rows(page)).toHaveCount(1, { timeout: 1000 });
  }).toPass({ timeout: 60_000 });
  await expect(rows(page)).toContainText(device);
  await expect(content(page).getByText(/^Alternative names are those of the issuances in the trail/)).toBeVisible();
  await open(page, "?san=~.DEVICES.example");
  expect((await shown(page))[2]).toBeGreaterThan(1);
});

test("paging goes to the last page and back, past each certificate once", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  await open(page, `?${BEFORE}&sort=expiry`);
  const total = (await shown(page))[2]!;
  const pages = content(page).getByRole("navigation", { name: "Pages" });
  const names = async () => rows(page).getByRole("rowheader").locator("a").evaluateAll((all) => all.map((one) => one.getAttribute("href") ?? ""));
  const go = async (where: string) => {
    const before = (await shown(page))[0];
    await pages.getByRole("link", { name: where }).click();
    await expect.poll(async () => (await shown(page))[0]).not.toBe(before);
  };
  expect(total, "more than a page").toBeGreaterThan(50);
  const first = await names();
  const seen = [...first];
  while ((await shown(page))[1]! < total) {
    await go("Next");
    seen.push(...(await names()));
  }
  expect(seen.length).toBe(total);
  expect(new Set(seen).size, "each once").toBe(total);
  await expect(pages.getByRole("link", { name: "Next" })).toHaveAttribute("aria-disabled", "true");
  while ((await shown(page))[0]! > 1) await go("Previous");
  expect(await names(), "the first page again").toEqual(first);
});

test("all that match, over pages, come into one request, with the file of devices that it would cut off", async ({ pageOf }) => {
  const page = await pageOf("operator");
  await open(page, `?${BEFORE}&status=active&sort=device`);
  const [, last, total] = await shown(page);
  expect(total, "more than a page").toBeGreaterThan(last!);
  await content(page).getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Next" }).click();
  await page.waitForURL(/[?&]at=after/);
  // Others revoke meanwhile.
  await content(page).getByRole("link", { name: /^Request revocation of all \d+ that match$/ }).click();
  await page.waitForURL(/\/revocations\/new\?/);
  await expect(content(page).getByRole("heading", { name: /^Request the revocation of \d+ certificates$/ })).toBeVisible();

  const file = content(page).locator('a[href^="/exports/devices-without-certificate.csv"]').first();
  const [name, text] = await fileBehind(page, file);
  expect(name).toMatch(/\.csv$/);
  const [head, ...lines] = text.trim().split("\n");
  expect(head).toBe("device,certificates");
  expect(lines.length).toBeGreaterThan(0);
});

test("what a list shows is downloaded as a file, all of its pages", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  await open(page, `?${BEFORE}&status=active&sort=serial`);
  const total = (await shown(page))[2]!;
  expect(total, "more than a page").toBeGreaterThan(50);
  const [name, csv] = await fileBehind(page, content(page).getByRole("link", { name: "Download as CSV" }));
  expect(name).toBe("certificates.csv");
  const [head, ...lines] = csv.trim().split("\n");
  expect(head).toMatch(/^authority,serial,device,subject,/);
  expect(lines.length).toBe(total);
  const [, text] = await fileBehind(page, content(page).getByRole("link", { name: "As JSON Lines" }));
  const [about, ...certificates] = text.trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(about).toMatchObject({ list: "certificates" });
  expect(certificates.length).toBe(total);
  expect(new Set(certificates.map((one) => one.status))).toEqual(new Set(["active"]));
});

test("a filter is saved under a name of one's own, renamed and deleted", async ({ pageOf, javaScriptEnabled }) => {
  const [page, other] = [await pageOf("auditor"), await pageOf("operator")];
  const name = `<i>Ours</i> ${javaScriptEnabled ? "moving" : "still"}`;
  const forms = () => content(page).locator("details").filter({ has: page.getByText("Saved filters", { exact: true }) });

  await step("what is narrowed can be saved", async () => {
    await open(page, "?status=active&sort=expiry");
    await forms().locator("summary").click();
    await forms().getByLabel("Name", { exact: true }).fill(name);
    await forms().getByRole("button", { name: "Save this filter" }).click();
    await expect(saved(page).getByRole("link", { name })).toHaveAttribute("aria-current", "page");
    if (javaScriptEnabled) {
      await expectAccessible(page);
      await expectNoSidewaysScroll(page, 390);
      await page.setViewportSize({ width: 1280, height: 800 });
    }
  });

  await step("its link leads there, for nobody else", async () => {
    await open(page);
    await saved(page).getByRole("link", { name }).click();
    await page.waitForURL(/\/certificates\?status=active&sort=expiry$/);
    await open(other);
    await expect(saved(other).getByRole("link", { name })).toHaveCount(0);
  });

  await step("it is renamed and deleted", async () => {
    await open(page);
    await forms().locator("summary").click();
    await forms().getByLabel("Saved filter", { exact: true }).first().selectOption({ label: name });
    await forms().getByLabel("New name").fill(`${name} 2`);
    await forms().getByRole("button", { name: "Rename" }).click();
    await expect(saved(page).getByRole("link", { name: `${name} 2` })).toBeVisible();
    await forms().locator("summary").click();
    await forms().getByLabel("Saved filter", { exact: true }).last().selectOption({ label: `${name} 2` });
    await forms().getByRole("button", { name: "Delete" }).click();
    await expect(saved(page).getByRole("link", { name })).toHaveCount(0);
  });
});

test("columns and the closeness of rows are chosen and stay", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  const forms = () => content(page).locator("details").filter({ has: page.getByText("Columns and rows", { exact: true }) });
  const heads = () => list(page).getByRole("columnheader");
  const arrange = async (subject: boolean, rowsAre: string) => {
    await forms().locator("summary").click();
    await forms().getByLabel("Subject").setChecked(subject);
    await forms().getByLabel(rowsAre).check();
    await forms().getByRole("button", { name: "Show the list so" }).click();
  };
  await open(page, "?status=active");
  await arrange(false, "Compact");
  await expect(heads()).toHaveText([/^Serial number/, /^Device/, /^Authority/, /^Issued/, /^Expires/, /^Status/]);
  await expect(page).toHaveURL(/\/certificates\?status=active$/);
  await expect(list(page)).toHaveClass(/compact/);
  await open(page);
  await expect(heads()).toHaveCount(6);
  await arrange(true, "Comfortable");
  await expect(heads()).toHaveCount(7);
  await expect(list(page)).not.toHaveClass(/compact/);
});

test("what an identity did is drawn by hour and address, with its numbers in a table", async ({ pageOf, javaScriptEnabled }) => {
  const page = await pageOf("auditor");
  await page.goto("/activity?event=IssueCertificate");
  const who = content(page).locator('a[href^="/identity?principal="]').first();
  await expectEventually(who, 60);
  await who.click();
  await page.waitForURL(/\/identity\?/);
  const strip = content(page).getByRole("figure", { name: /^Events by hour \(UTC\) and address/ });
  await expect(strip.getByText("Failed or denied")).toBeVisible();
  await strip.getByText("The numbers", { exact: true }).click();
  const hours = strip.getByRole("table").getByRole("row").filter({ has: page.getByRole("rowheader") });
  await expect(hours.first()).toContainText(/^\d{4}-\d\d-\d\d \d\d:00\d/);
  if (javaScriptEnabled) await expectAccessible(page);
  await hours.first().getByRole("link").click();
  await page.waitForURL((url) => url.pathname === "/activity" && url.searchParams.has("from") && url.searchParams.has("to"));
});
