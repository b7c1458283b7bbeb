// Walks the chain once and takes a picture of each page on the way.
import { join, resolve } from "node:path";

import type { Page } from "@playwright/test";

import { content, expectEventually, expectHydrated } from "../support/pages.ts";
import { approve, requestRevocation } from "../support/revocations.ts";
import { run, runAll } from "../support/runs.ts";
import { colons, idOf, principalOf } from "../support/sandbox.ts";
import { expect, test } from "../support/test.ts";

const FOLDER = resolve(import.meta.dirname, "../../docs/screenshots");

/** The window as a person sees it who has just come to the page: nothing hovered, nothing focused. */
async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 799);
  await page.evaluate("document.activeElement?.blur(); window.scrollTo(0, 0)");
  await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: "disabled" });
}

async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expectHydrated(page);
}

test("pictures of the main pages", async ({ sandbox, pageOf }) => {
  const rogue = sandbox.planted_detail.find((one) => one.trouble === "rogue_issuer")!;
  const authority = sandbox.authorities.find((one) => one.arn === rogue.authority)!;
  const operator = await pageOf("operator");
  await runAll(operator, sandbox);

  await visit(operator, "/findings");
  await take(operator, "findings");
  await visit(operator, `/findings/unauthorized_issuance.${idOf(rogue.authority)}.${rogue.serial}`);
  await take(operator, "finding");
  await requestRevocation(
    operator,
    "Key compromise",
    "Issued by the deployment role that we retired in May; no device in the field has this certificate, and nobody can say who holds its key.",
  );
  const request = new URL(operator.url()).pathname;

  const approver = await pageOf("approver");
  await visit(approver, request);
  await take(approver, "decide");
  await approve(approver, "Checked with the deployment team: nobody asked for it.");
  await visit(operator, request);
  await expectEventually(content(operator).getByText("Seen on the CRL", { exact: true }), 90);
  await run(operator, authority.name);
  await visit(operator, request);
  await expectEventually(content(operator).getByText("Proven", { exact: true }).first());
  await take(operator, "request");

  await visit(operator, "/runs");
  await content(operator).getByRole("rowheader").getByRole("link").first().click();
  await expect(operator.getByRole("heading", { level: 1 })).toHaveText(/^Run of /);
  await take(operator, "run");
  await visit(operator, `/certificates/${idOf(rogue.authority)}/${rogue.serial}`);
  await expect(content(operator).getByText(colons(rogue.serial)).first()).toBeVisible();
  await take(operator, "certificate");
  await visit(operator, "/certificates");
  await take(operator, "certificates");
  await visit(operator, "/");
  await take(operator, "overview");
  await visit(operator, "/coverage");
  await take(operator, "coverage");
  await visit(operator, "/activity");
  await take(operator, "activity");
  await visit(operator, `/identity?principal=${encodeURIComponent(principalOf(sandbox, "legacy-deploy"))}`);
  await take(operator, "identity");
  await visit(operator, "/ledger");
  await take(operator, "ledger");
});
