// One request over several authorities: asked for on one form, decided by one sign-in.
import { content } from "../support/pages.ts";
import { chooseAtProvider } from "../support/people.ts";
import { fillInRequest } from "../support/revocations.ts";
import { expect, test } from "../support/test.ts";

const step = test.step;

test("certificates of two authorities are asked for at once, and decided by one sign-in", async ({ sandbox, pageOf }) => {
  const [operator, approver] = [await pageOf("operator"), await pageOf("approver")];
  let request = "";

  await step("all that match, of both authorities, are on one form", async () => {
    // Another certificate is issued every few seconds: what was not shown must not be asked for, and would not be.
    const aMinuteAgo = new Date(Date.now() - 60_000).toISOString().slice(0, 19) + "Z";
    await operator.goto(`/certificates?status=active&issued=${encodeURIComponent(`<${aMinuteAgo}`)}`);
    await content(operator).getByRole("link", { name: /^Request revocation of all/ }).click();
    await operator.waitForURL(/\/revocations\/new\?/);
    for (const { name } of sandbox.authorities) {
      await expect(content(operator).getByRole("heading", { name: `What would happen at ${name}` })).toBeVisible();
    }
    await fillInRequest(operator, "Superseded", "Everything is replaced.");
    request = new URL(operator.url()).pathname;
  });

  await step("the approver is told of the other before they sign", async () => {
    await approver.goto(request);
    await expect(content(approver).getByText("Your decision is on one more request, too")).toBeVisible();
    await content(approver).getByRole("textbox", { name: "Comment" }).fill("Nobody has agreed to that.");
    await content(approver).getByRole("button", { name: "Reject" }).click();
    await chooseAtProvider(approver, "approver");
    await approver.waitForURL(/done=rejected$/);
  });

  await step("both are rejected", async () => {
    await expect(content(approver).getByText("You have rejected it")).toBeVisible();
    const others = content(approver).locator("dd").filter({ has: approver.locator('a[href^="/revocations/"]') });
    await expect(others.getByText("Rejected", { exact: true })).toBeVisible();
    await others.getByRole("link").click();
    await expect(content(approver).getByRole("link", { name: /^\d+ certificates of / })).toHaveAttribute("href", request);
    await expect(content(approver).getByText("Rejected", { exact: true }).first()).toBeVisible();
  });
});
