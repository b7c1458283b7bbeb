// What tests of many pages do alike: sign in, wait for hydration, look for barriers.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

import type { Page } from "@playwright/test";

import type { Person } from "./sandbox.ts";
import { expect } from "./test.ts";

/** Signs in through the sandbox's provider, which lives on another host than the console, and lands at `path`. */
export async function signIn(page: Page, person: Person, path = "/"): Promise<void> {
  await page.goto(`/auth/login?return_to=${encodeURIComponent(path)}`);
  // The button says the username first, then who that is.
  await page.getByRole("button", { name: new RegExp(`^${person}\\s`) }).click();
  await page.waitForURL((url) => url.pathname === path);
}

/** Waits until the app says that it runs in the browser; that it did so silently, every test checks at its end. */
export async function expectHydrated(page: Page): Promise<void> {
  await expect(page.locator("body")).toHaveAttribute("data-hydrated", "true");
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** WCAG 2.2 A and AA, as far as a program can tell. Injected by the debugger: the page's own policy forbids it. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    // biome-ignore lint: axe is what the line above put there
    const run = (globalThis as any).axe.run;
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const result = await run(document, { runOnly: { type: "tag", values: tags } });
    return result.violations.map((violation: any) => ({
      rule: violation.id,
      help: violation.help,
      where: violation.nodes.map((node: any) => node.target.join(" ")),
    }));
  });
  expect(violations, "barriers on the page").toEqual([]);
}
