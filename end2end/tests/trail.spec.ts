// What the trail adds: who had a certificate issued, from where and when, and whether the evidence of it is whole.
import type { Page } from "@playwright/test";

import { label, listedFindings } from "../support/findings.ts";
import { content, expectAll, expectEventually } from "../support/pages.ts";
import { expectedFindings, taken } from "../support/planted.ts";
import { runAll } from "../support/runs.ts";
import { colons, idOf, type PlantedCertificate, principalOf, type Sandbox } from "../support/sandbox.ts";
import { expect, test } from "../support/test.ts";

const step = test.step;
const TIME = /\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} UTC/;

/** Certificates in this trouble that no test has revoked. */
function left(sandbox: Sandbox, trouble: string): PlantedCertificate[] {
  return sandbox.planted_detail.filter((one) => one.trouble === trouble && !taken().includes(one.serial));
}

const identityPage = (principal: string) => `/identity?principal=${encodeURIComponent(principal)}`;

/** The hours (`2026-11-22T09`) that the calendar shows as missing or altered, by what their cells say. */
async function damagedHours(page: Page): Promise<Record<string, string>> {
  const rows = content(page).getByRole("table", { name: /^Proof of each hour/ }).getByRole("row");
  const damaged: Record<string, string> = {};
  for (const row of await rows.filter({ hasText: /missing|altered/ }).all()) {
    const day = (await row.getByRole("rowheader").innerText()).trim();
    for (const text of await row.getByRole("cell", { name: /missing|altered/ }).allTextContents()) {
      const [, hour, proof] = /(\d\d):00 (missing|altered)/.exec(text) ?? [];
      damaged[`${day}T${hour}`] = proof ?? "";
    }
  }
  return damaged;
}

test("a newcomer is told who issued without being allowed to, from where and when", async ({ sandbox, pageOf }) => {
  const page = await pageOf("auditor");
  const rogues = left(sandbox, "rogue_issuer");
  const principal = principalOf(sandbox, "legacy-deploy");
  const main = content(page);
  await step("the first page begins with it, within a minute", async () => {
    const alarm = main.getByRole("alert").filter({ hasText: /issued by an identity that is not an authorised issuer/ });
    await expectEventually(alarm.getByRole("link", { name: "legacy-deploy" }));
    const line = alarm.getByRole("listitem").filter({ hasText: "legacy-deploy" });
    await expect(line).toContainText("is not an authorised issuer");
    await expect(line).toContainText(TIME);
    await expect(line.locator('a[href^="/identity?address="]')).toHaveText(/^\d+\.\d+\.\d+\.\d+$/);
    await line.getByRole("link", { name: "legacy-deploy" }).click();
    await page.waitForURL((url) => url.pathname === "/identity" && url.searchParams.get("principal") === principal);
  });
  await step("its page lists the certificates that it had issued", async () => {
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Identity legacy-deploy");
    const issued = main.getByRole("table", { name: /^Certificates that it had issued/ });
    for (const { serial } of rogues) {
      await expect(issued.getByRole("rowheader").getByTitle(colons(serial)), serial).toBeVisible();
    }
    await expect(main.getByRole("table", { name: "Calls by their name" })).toContainText("IssueCertificate");
  });
  await step("and an operator can ask for all of them to be revoked", async () => {
    const operator = await pageOf("operator");
    await operator.goto(identityPage(principal));
    await content(operator).getByRole("link", { name: /^Request revocation of \d+ unauthorised certificate/ }).click();
    await operator.waitForURL(/\/revocations\/new\?/);
    await expect(content(operator).getByRole("heading", { name: "What would happen" }).first()).toBeVisible();
  });
});

test("a stolen provisioning key is found although the inventory agrees", async ({ sandbox, pageOf }) => {
  const page = await pageOf("auditor");
  const main = content(page);
  const stolen = left(sandbox, "stolen_key")[0]!;
  const link = main.getByRole("rowheader").getByRole("link").filter({ has: page.getByTitle(colons(stolen.serial)) });
  await page.goto("/findings?kind=rogue_issuer");
  await expectEventually(link);
  await link.click();
  await page.waitForURL(/\/findings\/rogue_issuer\./);
  const sentence = /was issued by provisioning, which is an authorised issuer, but not from this address$/;
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(sentence);
  await expect(main.getByText("provisioning is an authorised issuer, but not from this address")).toBeVisible();
  await expect(main.getByText(stolen.device).first(), "the inventory knows it").toBeVisible();
  await main.getByRole("link", { name: "Open the event" }).first().click();
  await page.waitForURL(/\/activity\/[^/]+$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^provisioning .*from \d+\.\d+\.\d+\.\d+$/);
  await main.getByText("The whole record").click();
  await expect(main.locator("pre")).toContainText(stolen.serial);
});

test("the hours whose evidence is not whole are red in the calendar", async ({ sandbox, pageOf }) => {
  const page = await pageOf("auditor");
  const main = content(page);
  const planted = sandbox.planted["trail_altered"] ?? [];
  const stopped = (sandbox.planted["trail_stopped"] ?? []).map((hour) => Date.parse(`${hour}:00:00Z`));
  expect(planted.length).toBeGreaterThan(0);
  await page.goto("/coverage");
  const [day, hour] = planted[0]!.split("T");
  const cells = main.getByRole("row").filter({ has: page.getByRole("rowheader", { name: day!, exact: true }) });
  await expectEventually(cells.getByRole("cell", { name: new RegExp(`^${hour}:00 (missing|altered)$`) }));

  const damaged = await damagedHours(page);
  expect(Object.keys(damaged)).toEqual(expect.arrayContaining(planted));
  expect(Object.values(damaged)).toContain("missing");
  // Nothing else is red but the hours without logging.
  const others = Object.keys(damaged).filter((one) => !planted.includes(one));
  for (const other of others) {
    const at = Date.parse(`${other}:00:00Z`);
    const since = stopped.map((begin) => (at - begin) / 3_600_000);
    expect(since.some((hours) => hours >= 0 && hours <= 4), other).toBe(true);
  }

  await cells.getByRole("link", { name: new RegExp(`^${hour}:00`) }).click();
  await expect(page).toHaveURL(/#problem-0-\d+$/);
  const problem = main.locator(new URL(page.url()).hash);
  await expect(problem).toBeVisible();
  await problem.getByRole("link", { name: "Open the finding" }).click();
  await page.waitForURL(/\/findings\/trail_altered\./);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(`The hour ${day} ${hour}:00 UTC`);
});

test("the activity is narrowed and paged by its address", async ({ sandbox, pageOf }) => {
  const page = await pageOf("auditor");
  const main = content(page);
  const list = main.getByRole("table", { name: /^Events/ });
  const rows = list.getByRole("row").filter({ has: page.getByRole("rowheader") });
  await page.goto("/activity");
  await expectEventually(rows.first());
  const counted = main.getByText(/^1–\d+ of [\d,]+/);
  await expect(counted).toBeVisible();
  const total = async () => Number((await counted.innerText()).split(" of ")[1]!.replaceAll(",", "").match(/^\d+/)![0]);

  // Most of a trail are calls that only read, and most of those are Countersign's own.
  const told = await total();
  await main.getByRole("link", { name: "Show them too" }).click();
  await page.waitForURL((url) => url.searchParams.get("reads") === "shown");
  await expect.poll(total).toBeGreaterThan(told);
  await main.getByRole("link", { name: /^Remove reads/ }).click();
  await page.waitForURL((url) => !url.searchParams.has("reads"));

  const filter = main.getByRole("search", { name: "Filter" });
  await filter.getByLabel("Event").selectOption("IssueCertificate");
  await filter.getByLabel("Result").selectOption({ label: "Denied" });
  await filter.getByRole("button", { name: "Apply" }).click();
  await page.waitForURL((url) => url.searchParams.get("result") === "denied");
  await expectAll(rows, /^IssueCertificate.*Denied.*AccessDenied/s);
  await main.getByRole("link", { name: /^Remove result/ }).click();
  await page.waitForURL((url) => !url.searchParams.has("result"));

  await filter.getByLabel("Identity").fill("legacy-deploy");
  await filter.getByRole("button", { name: "Apply" }).click();
  await page.waitForURL((url) => url.searchParams.get("identity") === "legacy-deploy");
  await expectAll(rows, /legacy-deploy/);
  await filter.getByLabel("From (UTC)").fill("2001-01-01T00:00:00");
  await filter.getByLabel("Before (UTC)").fill("2001-01-02T00:00:00");
  await filter.getByRole("button", { name: "Apply" }).click();
  await expect(main.getByRole("heading", { name: "No event matches" })).toBeVisible();
  await expect(main.getByText("from 2001-01-01 00:00:00 UTC")).toBeVisible();

  // Everything one address did, from any of its events.
  await page.goto(`/activity?authority=${idOf(sandbox.authorities[0]!.arn)}`);
  const address = rows.first().locator('a[href^="/identity?address="]');
  const shown = await address.innerText();
  await address.click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Address ${shown}`);
});

test("a certificate says who had it issued", async ({ sandbox, pageOf }) => {
  const page = await pageOf("auditor");
  const rogue = left(sandbox, "rogue_issuer")[0]!;
  await page.goto(`/certificates/${idOf(rogue.authority)}/${rogue.serial}`);
  const issuer = content(page).locator(".fact").filter({ hasText: "Issued by" });
  await expectEventually(issuer.getByRole("link", { name: "legacy-deploy" }));
  await expect(content(page).getByRole("link", { name: "Open the event" }).first()).toBeVisible();
});

test("after a run of each authority everything planted is found, and nothing else", async ({ sandbox, pageOf }) => {
  test.setTimeout(240_000);
  const page = await pageOf("operator");
  await runAll(page, sandbox);
  await expect(async () => expect(await listedFindings(page)).toEqual(expectedFindings(sandbox))).toPass({ timeout: 90_000 });
  for (const kind of Object.keys(expectedFindings(sandbox))) {
    await page.goto(`/findings?kind=${kind}`);
    const link = content(page).getByRole("rowheader").getByRole("link").first();
    const address = await link.getAttribute("href");
    await link.click();
    await page.waitForURL((url) => url.pathname === address);
    await expect(content(page).getByRole("heading", { level: 1 }), label(kind)).toHaveCount(1);
    await expect(content(page).getByText("What to do", { exact: true }), label(kind)).toBeVisible();
  }
});

test.describe("what nobody should have typed", () => {
  test.use({ expectedComplaints: [/the server responded with a status of 4\d\d/] });

  test("a hostile address gets a clear answer", async ({ pageOf }) => {
    const page = await pageOf("auditor");
    for (const path of ["/activity?result=ok", "/activity?from=yesterday", "/activity?page=-1", "/identity", "/identity?principal=a&key=b"]) {
      expect((await page.goto(path))?.status(), path).toBe(422);
      await expect(page.getByRole("heading", { level: 1, name: "This cannot be done" }), path).toBeVisible();
    }
    for (const path of ["/activity/no-such-event", "/activity/a%2Fb", "/identity?address=%3Cscript%3Ealert(1)%3C/script%3E", "/findings/issuance_denied.a.%2F..%2F.."]) {
      expect((await page.goto(path))?.status(), path).toBe(404);
      await expect(page.getByRole("heading", { level: 1, name: /^No such (event|identity|finding)$/ }), path).toBeVisible();
    }
    for (const search of ["<script>alert(1)</script>", "%' OR 1=1 --", "\u202e\u0000", "*".repeat(5000)]) {
      const response = await page.goto(`/activity?identity=${encodeURIComponent(search)}`);
      expect(response?.status(), search).toBeLessThan(500);
      await expect(page.getByRole("heading", { level: 1 }), search).toBeVisible();
    }
  });
});
