// Every page: alive without a complaint, without barriers in light and dark, no wider than the window, usable by keys.
import type { Page } from "@playwright/test";

import { content, expectAccessible, expectEventually, expectHydrated, expectNoSidewaysScroll } from "../support/pages.ts";
import { untouched } from "../support/planted.ts";
import { requestRevocation } from "../support/revocations.ts";
import { run } from "../support/runs.ts";
import { idOf } from "../support/sandbox.ts";
import { expect, test } from "../support/test.ts";

async function expectGoodLook(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await test.step(`${new URL(page.url()).pathname} in ${colorScheme}`, async () => {
      // Without motion, so that no colour is measured half way to another.
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await expectAccessible(page);
    });
  }
  for (const width of [800, 390]) await expectNoSidewaysScroll(page, width);
  await page.setViewportSize({ width: 1280, height: 800 });
}

async function look(page: Page, path: string): Promise<void> {
  await test.step(path, async () => {
    await page.goto(path);
    await expectHydrated(page);
    await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
    await expectGoodLook(page);
  });
}

test("every page looks right", async ({ sandbox, pageOf }) => {
  test.setTimeout(240_000);
  const one = untouched(sandbox, "lost_write");
  const authority = idOf(one.authority);
  const page = await pageOf("operator");
  await run(page, sandbox.authorities.find(({ arn }) => arn === one.authority)!.name);
  await expectGoodLook(page);
  for (const path of ["/", "/certificates", `/certificates/${authority}/${one.serial}`, "/runs", "/findings"]) {
    await look(page, path);
  }
  await page.goto("/findings");
  await content(page).getByRole("link", { name: "Handle this page together" }).click();
  await page.waitForURL(/\/findings\/together\?/);
  await look(page, page.url());
  await look(page, `/findings/unrecorded_issuance.${authority}.${one.serial}`);
  await content(page).getByRole("link", { name: "Request revocation" }).first().click();
  await page.waitForURL(/\/revocations\/new\?/);
  await look(page, page.url());
  await look(page, "/revocations/new");

  await page.goto(`/certificates/${authority}/${one.serial}`);
  await requestRevocation(page, "Superseded", "Only to look at; it is cancelled at once.");
  const request = new URL(page.url()).pathname;
  await look(page, "/revocations");
  await look(page, request);
  await look(await pageOf("approver"), request);
  await page.goto(request);
  await content(page).getByRole("button", { name: "Cancel the request" }).click();
  await expect(content(page).getByText("You have cancelled it")).toBeVisible();
  await look(page, "/ledger");
  await look(page, "/ledger/verification");
});

test("every page about the trail looks right", async ({ pageOf }) => {
  test.setTimeout(240_000);
  const page = await pageOf("operator");
  const event = content(page).getByRole("table", { name: /^Events/ }).getByRole("rowheader").getByRole("link").first();
  await page.goto("/activity?identity=legacy-deploy");
  await expectEventually(event);
  const address = (await event.getAttribute("href"))!;
  const identity = (await content(page).locator('a[href^="/identity?principal="]').first().getAttribute("href"))!;
  for (const path of ["/", "/activity", address, identity, "/expiry", "/expiry?by=day", "/coverage"]) await look(page, path);
  const finding = content(page).getByRole("link", { name: "Open the finding" }).first();
  await expectEventually(finding);
  await look(page, (await finding.getAttribute("href"))!);
});

test("every page for auditors looks right", async ({ pageOf }) => {
  test.setTimeout(240_000);
  const page = await pageOf("auditor");
  for (const path of ["/compliance", "/compliance/controls", "/compliance/evidence", "/incidents", "/help", "/help/runbook", "/ledger/entry/1"]) await look(page, path);
});

test.describe("pages that stand for what is not there", () => {
  test.use({ expectedComplaints: [/the server responded with a status of 4\d\d/] });

  test("they look right too", async ({ sandbox, pageOf }) => {
    const page = await pageOf("auditor");
    for (const path of ["/certificates?status=unknown", `/certificates/${idOf(sandbox.authorities[0]!.arn)}/0a`, "/findings?kind=duplicate"]) {
      await look(page, path);
    }
    await page.goto("/nowhere");
    await expectGoodLook(page);
    await page.getByRole("link", { name: "Go to the overview" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Signed out");
    await expectGoodLook(page);
    const stranger = await pageOf("stranger");
    await expectGoodLook(stranger);
  });
});

test("the console is usable by keys alone", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  await expectHydrated(page);
  const focused = page.locator(":focus");
  await page.keyboard.press("Tab");
  await expect(focused).toHaveText("Skip to the content");
  await expect(focused).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();

  // Whatever has the focus shows it.
  await page.goto("/findings");
  await expectHydrated(page);
  for (let stop = 0; stop < 25; stop += 1) {
    await page.keyboard.press("Tab");
    const shown = await focused.evaluate((element) => {
      const style = getComputedStyle(element);
      const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
      return outlined || style.boxShadow !== "none" ? "" : element.outerHTML.slice(0, 200);
    });
    expect(shown, "has the focus and does not show it").toBe("");
  }

  // The next page begins at its top, where the content is one key away again.
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Ledger" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Ledger");
  await page.keyboard.press("Tab");
  await expect(focused).toHaveText("Skip to the content");
});

test("the theme that a person chooses stays", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  const html = page.locator("html");
  await page.getByRole("button", { name: "Dark", exact: true }).click();
  await expect(html).toHaveAttribute("data-theme", "dark");
  await page.goto("/runs");
  await expect(html).toHaveAttribute("data-theme", "dark");
  await page.getByRole("button", { name: "System", exact: true }).click();
  await expect(html).not.toHaveAttribute("data-theme");
});
