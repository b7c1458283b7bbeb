// Certificates, as the console lists them.
import type { Page } from "@playwright/test";

import { content, expectEventually } from "./pages.ts";
import { idOf, type Sandbox } from "./sandbox.ts";

/** Opens a device's certificate that nothing is wrong with, the one that lasts longest; gives its serial number. */
export async function openHealthyCertificate(page: Page, sandbox: Sandbox, authority: string): Promise<string> {
  const troubled = sandbox.planted_detail.map((one) => one.serial);
  await page.goto(`/certificates?authority=${idOf(authority)}&status=active&sort=expiry&order=desc`);
  const rows = content(page).getByRole("table", { name: "Certificates" }).getByRole("row");
  // What is not in the inventory is the CA's own, or a finding.
  const links = rows.filter({ hasNotText: "not in the inventory" }).getByRole("rowheader").getByRole("link");
  // A console that has just started must read the inventory first.
  await expectEventually(links.first());
  const addresses = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
  const address = addresses.find((one) => !troubled.includes(one.split("/").pop() ?? ""));
  if (!address) throw new Error("no healthy certificate on the first page");
  await page.goto(address);
  return address.split("/").pop() ?? "";
}
