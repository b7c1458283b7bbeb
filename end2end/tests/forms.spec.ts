// A form that does not get through: focus is on what is wrong, it is said beside the button too, and what was typed is still there.
import { content, expectAccessible } from "../support/pages.ts";
import { runAll } from "../support/runs.ts";
import { expect, test } from "../support/test.ts";

// The browser says in its console that it was answered with 401.
test.use({ expectedComplaints: [/status of 401/] });

const LIST = "/findings?kind=dates_differ";

test("a refused form opens at its errors, with all that was typed", async ({ sandbox, pageOf, javaScriptEnabled }) => {
  test.setTimeout(180_000);
  const page = await pageOf("operator");
  const first = content(page).getByRole("table", { name: /^Findings/ }).getByRole("rowheader").first().getByRole("link");
  await page.goto(LIST);
  if ((await first.count()) === 0) await runAll(page, sandbox);
  await page.goto(LIST);
  await first.click();
  await page.waitForURL(/\/findings\/dates_differ/);

  // What its advice says is the first thing that it offers, and not a revocation.
  await expect(content(page).getByRole("link", { name: "Correct the inventory" })).toHaveClass(/button-primary/);
  await expect(content(page).locator(".page-head .button-danger")).toHaveCount(0);

  const reason = `${"The owner knows of it & <agrees>. ".repeat(40)}`.trim();
  const form = content(page).locator("form").filter({ has: page.getByRole("button", { name: "Dismiss" }) });
  await form.getByLabel("Reason").fill(reason);
  await form.getByRole("button", { name: "Dismiss" }).click();
  await page.waitForURL(/__err=/);
  const errors = content(page).locator(".form-errors");
  await expect(errors).toBeFocused();
  await expect(errors).toBeInViewport();
  await expect(errors).toContainText(`These are ${reason.length}.`);
  await expect(form.getByLabel("Reason")).toHaveValue(reason);
  await expect(form.locator(".field-error").last()).toContainText("Nothing was changed");
  if (javaScriptEnabled) await expectAccessible(page);
});

test("a session that ended gives the form back, to be sent again", async ({ pageOf }) => {
  test.setTimeout(180_000);
  const page = await pageOf("operator");
  await page.goto("/revocations/new");
  await content(page).getByLabel("Serial numbers").fill("0a\n0b");
  await page.context().clearCookies();
  await content(page).getByRole("button", { name: "Show what would happen" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in again");
  await expect(page.locator("pre")).toContainText("0a");
  await expect(page.getByRole("button", { name: "Send it again" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Sign in in another tab" })).toHaveAttribute("target", "_blank");
});
