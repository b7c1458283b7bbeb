// Runs, as an operator starts and watches them.
import { expect, type Page } from "@playwright/test";

import { content } from "./pages.ts";
import type { Sandbox } from "./sandbox.ts";

/** Starts a run of an authority, by its name, and stays on the run's page until it has finished. */
export async function run(page: Page, authority: string): Promise<void> {
  await page.goto("/runs");
  await content(page).getByLabel("Authority").selectOption({ label: authority });
  await content(page).getByRole("button", { name: "Start a run" }).click();
  await page.waitForURL(/\/runs\/[^/]+\/[^/]+$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Run of ${authority}`);
  // Without its program in the browser the page loads itself anew until then. While no worker has taken it up, it says
  // so in two places; it is neither of these yet.
  // The sandbox's trail has holes, so that no run there could compare everything.
  const state = content(page).getByText(/^(Running|Finished, incomplete|Finished|Failed)$/);
  await expect(state).toHaveText("Finished, incomplete", { timeout: 60_000 });
}

/** One run of each authority, so that there are findings to look at. */
export async function runAll(page: Page, sandbox: Sandbox): Promise<void> {
  for (const { name } of sandbox.authorities) await run(page, name);
}
