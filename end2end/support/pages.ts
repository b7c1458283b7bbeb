// What tests ask of any page: that it comes alive, and that nobody is shut out of it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { expect, type Locator, type Page } from "@playwright/test";

/** What is between the bar and the navigation, where every page differs. */
export function content(page: Page): Locator {
  return page.getByRole("main");
}

/** Waits until the app runs in the browser. That it complained of nothing, every test checks at its end. */
export async function expectHydrated(page: Page): Promise<void> {
  await expect(page.locator("body")).toHaveAttribute("data-hydrated", "true");
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

interface Violation {
  id: string;
  help: string;
  nodes: { target: string[] }[];
}

/** WCAG 2.2 A and AA, as far as a program can tell. Needs JavaScript. */
export async function expectAccessible(page: Page): Promise<void> {
  // By way of the debugger, because the page's own policy forbids foreign scripts.
  const violations = await page.evaluate<Violation[]>(
    `${AXE}; axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then((result) => result.violations)`,
  );
  const where = (violation: Violation) => violation.nodes.map((node) => node.target.join(" "));
  const barriers = violations.map((violation) => ({ rule: violation.id, help: violation.help, where: where(violation) }));
  expect(barriers, "barriers on the page").toEqual([]);
}

/** The page fits the window; only tables may scroll, in their own frame. */
export async function expectNoSidewaysScroll(page: Page, width: number): Promise<void> {
  await page.setViewportSize({ width, height: 800 });
  const wider = () => page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  await expect.poll(wider, { message: `pixels to scroll sideways at ${width}` }).toBe(0);
}

/** Waits for what takes longer than anybody watches the page: looks again and again. */
export async function expectEventually(thing: Locator, seconds = 60): Promise<void> {
  await expect(async () => {
    if (!(await thing.isVisible())) await thing.page().reload();
    await expect(thing).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: seconds * 1000, intervals: [500] });
}

/** There are such things, and each reads like this; what was there before may still be seen for a moment. */
export async function expectAll(things: Locator, text: RegExp): Promise<void> {
  await expect(async () => {
    const texts = await things.allTextContents();
    expect(texts.length).toBeGreaterThan(0);
    for (const one of texts) expect(one).toMatch(text);
  }).toPass({ timeout: 20_000 });
}
