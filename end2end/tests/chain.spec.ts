// The whole chain on real protocols: records that disagree, a finding, a revocation that two people agree on, its proof.
import type { Locator, Page } from "@playwright/test";

import { isRevoked } from "../support/authority.ts";
import { openHealthyCertificate } from "../support/certificates.ts";
import { label, listedFindings } from "../support/findings.ts";
import { content, expectEventually, expectHydrated } from "../support/pages.ts";
import { expectedFindings, take, untouched } from "../support/planted.ts";
import { approve, requestRevocation } from "../support/revocations.ts";
import { run } from "../support/runs.ts";
import { colons, idOf, type PlantedCertificate, type Sandbox } from "../support/sandbox.ts";
import { expect, test } from "../support/test.ts";

const step = test.step;

const CRITICAL = [
  "unauthorized_issuance",
  "rogue_issuer",
  "unattributed_issuance",
  "revocation_not_effective",
  "authority_changed",
  "trail_stopped",
  "trail_altered",
];

/** How many findings of each kind a run of this authority must count. */
function expectedCounts(sandbox: Sandbox, authority: string): Record<string, number> {
  const here = sandbox.planted_detail.filter((one) => one.authority === authority).map((one) => one.serial);
  const kinds = Object.entries(expectedFindings(sandbox));
  const counts = kinds.map(([kind, serials]) => [label(kind), serials.filter((one) => here.includes(one)).length]);
  return Object.fromEntries(counts.filter(([, number]) => number !== 0));
}

async function countsOfRun(page: Page): Promise<Record<string, number>> {
  const table = content(page).getByRole("table", { name: "Findings by kind" });
  const rows = await table.getByRole("row").filter({ has: page.getByRole("rowheader") }).all();
  const read = rows.map(async (row) => {
    const number = await row.getByRole("cell").last().innerText();
    return [await row.getByRole("rowheader").innerText(), Number(number)] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

async function openFinding(page: Page, rogue: PlantedCertificate): Promise<void> {
  await page.goto("/findings?kind=unauthorized_issuance");
  const about = page.getByTitle(colons(rogue.serial));
  await content(page).getByRole("rowheader").getByRole("link").filter({ has: about }).click();
  await page.waitForURL(/\/findings\/unauthorized_issuance\./);
  const sentence = /was issued by legacy-deploy, which is not an authorised issuer$/;
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(sentence);
}

test("a rogue certificate is found, revoked by two people, and proven gone", async ({ sandbox, pageOf, javaScriptEnabled }) => {
  test.setTimeout(300_000);
  const rogue = untouched(sandbox, "rogue_issuer");
  const authority = sandbox.authorities.find((one) => one.arn === rogue.authority)!;
  const operator = await pageOf("operator");
  const approver = await pageOf("approver");
  if (javaScriptEnabled) await expectHydrated(operator);
  /** The page follows the work by itself, or shows it when it is loaded again. */
  const follows = (thing: Locator) => (javaScriptEnabled ? expect(thing).toBeVisible() : expectEventually(thing, 20));

  await step("the operator compares the records of every authority", async () => {
    await expect(operator.getByRole("heading", { level: 1 })).toHaveText("Overview");
    for (const { arn, name } of sandbox.authorities) {
      await run(operator, name);
      expect(await countsOfRun(operator), name).toEqual(expectedCounts(sandbox, arn));
    }
  });

  await step("what waits is what was planted, and nothing else", async () => {
    // What the worker has written a moment ago is in the lists of the other process a moment later.
    const listed = async () => expect(await listedFindings(operator)).toEqual(expectedFindings(sandbox));
    await expect(listed).toPass({ timeout: 20_000 });
    const planted = expectedFindings(sandbox);
    const critical = CRITICAL.reduce((sum, kind) => sum + (planted[kind]?.length ?? 0), 0);
    await operator.goto("/");
    const tiles = content(operator).getByRole("link");
    await expect(tiles.filter({ hasText: new RegExp(`^Critical\\s*${critical}\\s*findings$`) })).toBeVisible();
  });

  let rogueRequest = "";
  let healthyRequest = "";
  let healthy = "";
  await step("the operator asks for the rogue certificate's revocation, after its dry run", async () => {
    await openFinding(operator, rogue);
    take(rogue.serial);
    await requestRevocation(operator, "Key compromise", "Nobody can account for it; issued by the legacy deployment role.");
    rogueRequest = new URL(operator.url()).pathname;
    await expect(content(operator).getByText(/^Waiting for approval until/)).toBeVisible();
  });

  await step("the operator cannot approve it, and is told why", async () => {
    for (const name of ["Approve the revocation", "Reject the request"]) {
      const button = content(operator).getByRole("button", { name, disabled: true });
      await expect(button).toHaveAccessibleDescription(/You made this request; another approver must decide\./);
    }
  });

  await step("the operator asks for the revocation of a certificate that the inventory knows", async () => {
    healthy = await openHealthyCertificate(operator, sandbox, authority.arn);
    await requestRevocation(operator, "Cessation of operation", "The device was scrapped last week.");
    healthyRequest = new URL(operator.url()).pathname;
  });

  await step("the approver sees what is asked, why and by whom, and approves", async () => {
    await approver.goto("/revocations");
    const waiting = content(approver).getByRole("table", { name: "Requests that wait for approval" });
    await expect(waiting.getByText("You can decide")).toHaveCount(2);
    await waiting.locator(`a[href="${rogueRequest}"]`).click();
    await approver.waitForURL(`**${rogueRequest}`);
    const main = content(approver);
    await expect(main.getByText("Olivia Okafor").first()).toBeVisible();
    await expect(main.getByText("Nobody can account for it")).toBeVisible();
    await expect(main.getByText("Nothing has changed since the request was made.")).toBeVisible();
    await expect(main.getByRole("table", { name: "The certificates of the request" })).toContainText("Can be revoked");
    await approve(approver, "Checked with the deployment team.");
    await follows(main.getByText("Revoked at the CA", { exact: true }));

    await approver.goto(healthyRequest);
    await approve(approver, "");
    await follows(main.getByText("Revoked at the CA", { exact: true }));
    await follows(main.getByText("Recorded in the inventory", { exact: true }));
  });

  await step("the CA says that both are revoked, and its CRL lists them", async () => {
    expect(await isRevoked(sandbox, authority.arn, rogue.serial)).toBe(true);
    expect(await isRevoked(sandbox, authority.arn, healthy)).toBe(true);
    for (const request of [healthyRequest, rogueRequest]) {
      await operator.goto(request);
      await expectEventually(content(operator).getByText("Seen on the CRL", { exact: true }), 90);
    }
  });

  await step("the inventory says so", async () => {
    await operator.goto(`/certificates/${idOf(authority.arn)}/${healthy}`);
    const main = content(operator);
    await expect(main.getByText("Recorded in the inventory as revoked")).toBeVisible();
    const reason = main.getByRole("table", { name: "What each record says" }).getByRole("row", { name: /^Revocation reason/ });
    await expect(reason).toContainText("CESSATION_OF_OPERATION");
  });

  await step("the next run has closed the finding and proven the revocations", async () => {
    await run(operator, authority.name);
    expect(await countsOfRun(operator)).toEqual(expectedCounts(sandbox, authority.arn));
    await operator.goto(`/findings/unauthorized_issuance.${idOf(rogue.authority)}.${rogue.serial}`);
    const main = content(operator);
    await expect(main.getByText("Closed: a run no longer saw it")).toBeVisible();
    for (const request of [healthyRequest, rogueRequest]) {
      await operator.goto(request);
      await expectEventually(main.getByText("Proven", { exact: true }).first(), 60);
    }
    expect(await listedFindings(operator)).toEqual(expectedFindings(sandbox));
  });

  await step("the ledger has all of it, and its chain holds", async () => {
    await operator.goto("/ledger");
    const main = content(operator);
    for (const action of ["Revocation requested", "Revocation approved", "Certificate revoked", "Seen on the CRL"]) {
      await expect(main.getByRole("cell", { name: action, exact: true }).first()).toBeVisible();
    }
    await main.getByRole("link", { name: "Verify the log" }).click();
    await operator.waitForURL("**/ledger/verification");
    await expect(main.getByText("The log is whole")).toBeVisible();
  });
});
