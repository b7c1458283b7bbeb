// Findings, as their list and their pages name them.
import type { Page } from "@playwright/test";

import { content } from "./pages.ts";

/** "unauthorized_issuance" as people read it. */
export function label(kind: string): string {
  const words = kind.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What waits for somebody, as the list has it: serials by kind, sorted. The whole list must fit on a page. */
export async function listedFindings(page: Page): Promise<Record<string, string[]>> {
  await page.goto("/findings");
  const table = content(page).getByRole("table", { name: /^Findings/ });
  const links = await table.getByRole("rowheader").getByRole("link").all();
  const listed: Record<string, string[]> = {};
  for (const link of links) {
    const id = (await link.getAttribute("href"))?.split("/").pop() ?? "";
    const [kind = "", , serial = ""] = id.split(".");
    (listed[kind] ??= []).push(serial);
  }
  for (const serials of Object.values(listed)) serials.sort();
  return listed;
}
