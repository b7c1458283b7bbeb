// Revocation requests, as operators make them and approvers decide on them.
import { expect, type Page } from "@playwright/test";

import { content } from "./pages.ts";
import { chooseAtProvider } from "./people.ts";

/** Fills in the form that a certificate's or a finding's "Request revocation" leads to; stays on the request's page. */
export async function requestRevocation(page: Page, reason: string, justification: string): Promise<void> {
  await content(page).getByRole("link", { name: "Request revocation" }).first().click();
  await fillInRequest(page, reason, justification);
}

/** Fills in the form that the page is about to show; stays on the request's page. */
export async function fillInRequest(page: Page, reason: string, justification: string): Promise<void> {
  await page.waitForURL(/\/revocations\/new\?/);
  const main = content(page);
  await expect(main.getByRole("heading", { name: "What would happen" }).first()).toBeVisible();
  await main.getByRole("radio", { name: reason }).check();
  await main.getByRole("textbox", { name: "Justification" }).fill(justification);
  await confirm(page);
  await main.getByRole("button", { name: /^Request (revocation|[\d,]+ revocations)$/ }).click();
  await page.waitForURL(/\/revocations\/[0-9a-f-]{36}\?done=requested$/);
  await expect(main.getByText("The request is made")).toBeVisible();
}

/** Types the number that a form about many certificates asks for. */
async function confirm(page: Page): Promise<void> {
  const box = content(page).getByRole("textbox", { name: /^Type [\d,]+ to confirm/ });
  if ((await box.count()) === 0) return;
  const label = await content(page).getByText(/^Type [\d,]+ to confirm/).first().innerText();
  await box.fill(/[\d,]+/.exec(label)![0]);
}

/** Approves the request whose page this is, as the approver: the provider asks who they are, and signs what they decide. */
export async function approve(page: Page, comment: string): Promise<void> {
  const main = content(page);
  await main.getByRole("textbox", { name: "Comment" }).fill(comment);
  await confirm(page);
  await main.getByRole("button", { name: /^Approve/ }).click();
  await chooseAtProvider(page, "approver");
  await page.waitForURL(/done=approved$/);
  await expect(main.getByText("You have approved it")).toBeVisible();
}
