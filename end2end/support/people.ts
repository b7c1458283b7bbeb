// Who uses the console in these tests, and how they sign in.
import type { Page } from "@playwright/test";

/** Somebody who can sign in at the sandbox's provider; `stranger` is in no group. */
export type Person = "operator" | "approver" | "operator-approver" | "auditor" | "stranger";

/**
 * Signs in through the sandbox's provider, which lives on another host than the console, and lands at `path`.
 * Whoever was signed in before in this browser is forgotten, here and at the provider.
 */
export async function signIn(page: Page, person: Person, path = "/"): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`/auth/login?return=${encodeURIComponent(path)}`);
  await chooseAtProvider(page, person);
  await page.waitForURL((url) => url.pathname + url.search === path);
}

/** Answers the sandbox's provider, which asks who is there. */
export async function chooseAtProvider(page: Page, person: Person): Promise<void> {
  // The button says the username first, then who that is.
  await page.getByRole("button", { name: new RegExp(`^${person}\\s`) }).click();
}
