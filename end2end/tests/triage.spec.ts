// Many findings: narrowed to one's own, handled at once in the background; and the charts.
import type { Page } from "@playwright/test";

import { content, expectAccessible, expectAll, expectEventually, expectNoSidewaysScroll } from "../support/pages.ts";
import { runAll } from "../support/runs.ts";
import { expect, test } from "../support/test.ts";

const rows = (page: Page) =>
  content(page).getByRole("table", { name: /^Findings/ }).getByRole("row").filter({ has: page.getByRole("rowheader") });

test("all findings that match are acknowledged at once, and are one's own then", async ({ sandbox, pageOf, javaScriptEnabled }) => {
  test.setTimeout(180_000);
  const page = await pageOf("operator");
  await page.goto("/findings?severity=medium");
  if ((await rows(page).count()) === 0) await runAll(page, sandbox);
  await page.goto("/findings?severity=medium");
  await content(page).getByRole("link", { name: /^Handle all \d+ that match$/ }).click();
  await page.waitForURL(/\/findings\/matching\?severity=medium$/);
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toHaveText(/^All \d+ findings that match$/);
  const number = /\d+/.exec(await heading.innerText())![0];
  await expect(content(page).getByRole("table", { name: "The findings that match, by kind" })).toBeVisible();
  if (javaScriptEnabled) {
    await expectAccessible(page);
    await expectNoSidewaysScroll(page, 390);
    await page.setViewportSize({ width: 1280, height: 800 });
  }

  // Another day each time, so that there is something to be done.
  await content(page).getByLabel("Due").fill(javaScriptEnabled ? "2099-01-01" : "2099-01-02");
  await content(page).getByRole("button", { name: `Acknowledge ${number} findings` }).click();
  await page.waitForURL(/\/findings\/handled\/[0-9a-f-]{36}$/);
  await expectEventually(content(page).getByRole("status").filter({ hasText: /^Done/ }));
  const done = content(page).locator("dl > div").filter({ hasText: /^Done/ });
  await expect(done).toContainText(number);

  await page.goto("/findings?severity=medium");
  const filter = content(page).getByRole("search", { name: "Filter" });
  await filter.getByLabel("Owner").selectOption({ label: "Me" });
  await filter.getByRole("button", { name: "Apply" }).click();
  await page.waitForURL(/[?&]owner=me/);
  await expectEventually(content(page).getByText(new RegExp(`of ${number}\\b`)), 20);
  await expectAll(rows(page), /Acknowledged/);
  await content(page).getByRole("columnheader", { name: "Issued" }).getByRole("link").click();
  await page.waitForURL(/sort=issued_last/);
  await expect(content(page).getByRole("columnheader", { name: "Issued" })).toHaveAttribute("aria-sort", "descending");
  await filter.getByLabel("Due").selectOption({ label: "Overdue" });
  await filter.getByRole("button", { name: "Apply" }).click();
  await page.waitForURL(/due=overdue/);
  await expect(page.getByRole("heading", { name: "No finding matches" })).toBeVisible();
});

test("chosen ones are dismissed together for a reason, and taken on again", async ({ sandbox, pageOf, javaScriptEnabled }) => {
  test.setTimeout(180_000);
  const page = await pageOf("operator");
  const list = "/findings?kind=dates_differ";
  await page.goto(list);
  if ((await rows(page).count()) === 0) await runAll(page, sandbox);
  await page.goto(list);
  const chosen = rows(page).first();
  const link = await chosen.getByRole("link").first().getAttribute("href");
  const reason = `They are renewed next week ${javaScriptEnabled ? "by hand" : "by themselves"}.`;

  await chosen.getByRole("checkbox").check();
  await content(page).getByRole("button", { name: "Handle the chosen together" }).click();
  await page.waitForURL(/\/findings\/together\?finding=/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("1 finding");
  const together = content(page).getByRole("table", { name: "The findings that were chosen" });
  await content(page).getByRole("textbox", { name: "Reason" }).fill(reason);
  await content(page).getByRole("button", { name: "Dismiss all" }).click();
  await expect(together).toContainText("Dismissed");
  await page.goto(link!);
  await expect(content(page).getByText("Dismissed", { exact: true }).first()).toBeVisible();
  await expect(content(page).getByText(reason).first()).toBeVisible();

  await page.goto(`${list}&state=dismissed`);
  const again = rows(page).filter({ has: page.locator(`a[href="${link}"]`) });
  await expectEventually(again, 20);
  await again.getByRole("checkbox").check();
  await content(page).getByRole("button", { name: "Handle the chosen together" }).click();
  await content(page).getByRole("button", { name: "Acknowledge all" }).click();
  await expect(together).toContainText("Acknowledged");
  await page.goto(link!);
  await expect(content(page).getByText("Acknowledged", { exact: true }).first()).toBeVisible();
});

test("all that match are dismissed at once, and taken on again", async ({ sandbox, pageOf }) => {
  test.setTimeout(180_000);
  const page = await pageOf("operator");
  const which = "kind=issuance_without_certificate";
  await page.goto(`/findings?${which}`);
  if ((await rows(page).count()) === 0) await runAll(page, sandbox);
  const order = async (state: string, button: RegExp) => {
    await page.goto(`/findings/matching?${which}${state}`);
    await expectEventually(content(page).getByRole("table", { name: "The findings that match, by kind" }), 20);
    const number = /\d+/.exec(await page.getByRole("heading", { level: 1 }).innerText())![0];
    if (button.source.includes("Dismiss")) {
      await content(page).getByRole("textbox", { name: "Reason" }).fill("The factory had a bad day; nothing was signed.");
    }
    await content(page).getByRole("button", { name: button }).click();
    await page.waitForURL(/\/findings\/handled\/[0-9a-f-]{36}$/);
    await expectEventually(content(page).getByRole("status").filter({ hasText: /^Done/ }));
    await expect(content(page).locator("dl > div").filter({ hasText: /^Done/ })).toContainText(number);
    return number;
  };
  const number = await order("", /^Dismiss \d+ finding/);
  await page.goto(`/findings?${which}&state=dismissed`);
  await expectEventually(content(page).getByText(new RegExp(`of ${number}\\b`)), 20);
  await expectAll(rows(page), /Dismissed/);
  expect(await order("&state=dismissed", /^Acknowledge \d+ finding/)).toBe(number);
  await page.goto(`/findings?${which}&state=acknowledged`);
  await expectEventually(content(page).getByText(new RegExp(`of ${number}\\b`)), 20);
});

test("a number that was not typed, and a page that is not true any more, do nothing", async ({ pageOf }) => {
  const page = await pageOf("operator");
  await page.goto("/findings/matching");
  await content(page).getByRole("textbox", { name: "Reason" }).fill("A test that must do nothing.");
  const typed = content(page).getByRole("textbox", { name: /^Type \d+ to confirm/ });
  if ((await typed.count()) > 0) await typed.last().fill((await typed.last().getAttribute("pattern")) ?? "");
  // As if others had come since the page was shown.
  await content(page)
    .locator('input[name="shown"]')
    .evaluateAll((all) => all.forEach((input) => input.setAttribute("value", "1")));
  await content(page).getByRole("button", { name: /^Dismiss/ }).click();
  await expect(content(page).getByText(/Nothing was done: there were 1 findings/).first()).toBeVisible();
});

test("the charts of the overview have their numbers beside them", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  await page.goto("/");
  for (const caption of ["Certificates issued and revoked by day", "Findings opened and ended by day"]) {
    const chart = content(page).getByRole("figure", { name: caption });
    await expectEventually(chart, 30);
    await chart.getByText("The numbers", { exact: true }).click();
    const days = chart.getByRole("table", { name: caption }).getByRole("row").filter({ has: page.getByRole("rowheader") });
    await expect(days).toHaveCount(30);
  }
});
