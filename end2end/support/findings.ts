// Findings, as their list and their pages name them.
import { expect, type Page } from "@playwright/test";

import { content } from "./pages.ts";

/** "unauthorized_issuance" as people read it. */
export function label(kind: string): string {
  const words = kind.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What waits for somebody, as the list has it on all its pages: subjects by kind, sorted. */
export async function listedFindings(page: Page): Promise<Record<string, string[]>> {
  const listed: Record<string, string[]> = {};
  let next: string | null = "/findings";
  for (let pages = 1; next !== null; pages += 1) {
    expect(pages, "pages of findings").toBeLessThanOrEqual(100);
    await page.goto(next);
    const table = content(page).getByRole("table", { name: /^Findings/ });
    await expect(table).toBeVisible();
    const links = table.getByRole("rowheader").getByRole("link");
    for (const address of await links.evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""))) {
      const [kind = "", , ...subject] = decodeURIComponent(address.split("/").pop() ?? "").split(".");
      (listed[kind] ??= []).push(subject.join("."));
    }
    const more = content(page).locator('nav[aria-label="Pages"] a[rel="next"][href]');
    next = (await more.count()) > 0 ? await more.getAttribute("href") : null;
  }
  for (const subjects of Object.values(listed)) subjects.sort();
  return listed;
}
