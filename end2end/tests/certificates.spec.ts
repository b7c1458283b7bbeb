// The inventory and the reports as one list: searched, narrowed, sorted and paged by the address, and one certificate.
import { X509Certificate } from "node:crypto";

import type { Page } from "@playwright/test";

import { content, expectAll, expectEventually } from "../support/pages.ts";
import { colons, idOf } from "../support/sandbox.ts";
import { expect, test } from "../support/test.ts";

const list = (page: Page) => content(page).getByRole("table", { name: "Certificates" });
const rows = (page: Page) => list(page).getByRole("row").filter({ has: page.getByRole("rowheader") });

/** The list shows certificates in the order of their ends that `sort` gives, sooner or later. */
async function expectInOrder(page: Page, sort: (ends: string[]) => string[]): Promise<void> {
  const times = list(page).locator("td:nth-child(6) time");
  await expect(async () => {
    const ends = await times.evaluateAll((all) => all.map((time) => time.getAttribute("datetime") ?? ""));
    expect(ends).toEqual(sort(ends));
  }).toPass({ timeout: 20_000 });
}

/** The list, once the console has read the inventory for the first time. */
async function open(page: Page, query = ""): Promise<void> {
  await page.goto(`/certificates${query}`);
  await expectEventually(list(page), 30);
}

test("a device is found by a part of its id", async ({ sandbox, pageOf }) => {
  const known = sandbox.planted_detail.find((one) => one.trouble === "wrong_expiry")!;
  const page = await pageOf("auditor");
  await open(page);
  const filter = content(page).getByRole("search", { name: "Filter" });
  await filter.getByLabel("A part of device, subject or serial number").fill(known.device.slice(1));
  await filter.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/[?&]q=/);
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText(known.device);

  await content(page).getByRole("link", { name: /^Remove/ }).click();
  await expect(page).toHaveURL(/\/certificates$/);
  await expect(rows(page)).toHaveCount(50);
});

test("a serial number is found in every form that people paste", async ({ sandbox, pageOf }) => {
  const { serial, device } = sandbox.planted_detail.find((one) => one.trouble === "wrong_expiry")!;
  const page = await pageOf("auditor");
  await open(page);
  const forms = [serial, serial.toUpperCase(), colons(serial), `00:${colons(serial).toUpperCase()}`, `0x${serial}`, ` ${serial}\t`];
  const lookup = page.getByRole("searchbox", { name: /^Find a certificate by serial number/ });
  for (const form of forms) {
    await lookup.fill(form);
    await lookup.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("q") === form);
    await expect(rows(page), form).toHaveCount(1);
    await expect(rows(page), form).toContainText(device);
  }
});

test("the list is narrowed, sorted and paged by its address", async ({ sandbox, pageOf }) => {
  const page = await pageOf("auditor");
  await open(page);
  const filter = content(page).getByRole("search", { name: "Filter" });
  const add = async (property: string, operator: string, value: string): Promise<void> => {
    await filter.getByLabel("Property").selectOption({ label: property });
    await filter.getByLabel("Operator").selectOption({ label: operator });
    await filter.getByLabel("Value").fill(value);
    await filter.getByRole("button", { name: "Apply" }).click();
    await page.waitForURL((url) => url.searchParams.get("value") === value);
  };
  await add("Status", "is", "revoked");
  await add("Authority", "is", idOf(sandbox.authorities[0]!.arn));
  await expectAll(rows(page), /devices.*Revoked/s);
  await content(page).getByRole("link", { name: "Remove authority: devices" }).click();
  await page.waitForURL((url) => url.search === "?status=revoked");
  await add("Expires", "before", "soon");
  await expect(content(page).getByText("Expires: A time is written")).toBeVisible();
  await expectAll(rows(page), /Revoked/);

  await open(page);
  const head = (name: string) => list(page).getByRole("columnheader", { name });
  await head("Expires").getByRole("link").click();
  await page.waitForURL(/sort=expiry/);
  await expect(head("Expires")).toHaveAttribute("aria-sort", "ascending");
  await expectInOrder(page, (all) => all.toSorted());
  await head("Expires").getByRole("link").click();
  await page.waitForURL(/order=desc/);
  await expect(head("Expires")).toHaveAttribute("aria-sort", "descending");
  await expectInOrder(page, (all) => all.toSorted().toReversed());

  const pages = content(page).getByRole("navigation", { name: "Pages" });
  await pages.getByRole("link", { name: "Next" }).click();
  await page.waitForURL((url) => url.searchParams.get("at")?.startsWith("after:") === true);
  expect(new URL(page.url()).searchParams.get("sort"), "the order stays").toBe("expiry");
  await expect(content(page).getByText(/^51–\d+ of \d+/)).toBeVisible();
  await pages.getByRole("link", { name: "Previous" }).click();
  await expect(content(page).getByText(/^1–50 of \d+/)).toBeVisible();
  await pages.getByRole("link", { name: "Last" }).click();
  await page.waitForURL((url) => url.searchParams.get("at") === "last");
  await expect(rows(page)).toHaveCount(50);
  await expect(pages.getByRole("link", { name: "Next" })).toHaveAttribute("aria-disabled", "true");
});

test("a certificate's page shows what each record says, and the X.509 itself", async ({ sandbox, pageOf }) => {
  const { serial, device } = sandbox.planted_detail.find((one) => one.trouble === "wrong_expiry")!;
  const page = await pageOf("auditor");
  await open(page, `?q=${serial}`);
  await rows(page).getByRole("link").first().click();
  await page.waitForURL(new RegExp(`/certificates/[^/]+/${serial}$`));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Certificate \S/);
  const main = content(page);
  await expect(main.getByText(colons(serial), { exact: true }).first()).toBeVisible();
  await expect(main.getByText(device).first()).toBeVisible();
  const records = main.getByRole("table", { name: "What each record says" });
  await expect(records.getByRole("row", { name: /^Expires \(differs\)/ })).toBeVisible();

  await expect(main.getByRole("link", { name: "DER" })).toHaveAttribute("href", /form=der$/);
  await main.locator("summary", { hasText: /^PEM$/ }).click();
  const x509 = new X509Certificate(await main.locator("pre", { hasText: "BEGIN CERTIFICATE" }).innerText());
  expect(BigInt(`0x${x509.serialNumber}`)).toBe(BigInt(`0x${serial}`));
  const fingerprint = x509.fingerprint256.replaceAll(":", "").toLowerCase();
  await expect(main.getByText(fingerprint)).toBeVisible();
});

test.describe("what nobody should have typed", () => {
  // The browser itself complains of the status.
  test.use({ expectedComplaints: [/the server responded with a status of 4\d\d/] });

  test("a hostile query gets a clear answer", async ({ sandbox, pageOf }) => {
    const page = await pageOf("auditor");
    const heading = page.getByRole("heading", { level: 1, name: "This cannot be done" });
    for (const [query, field] of [
      ["sort=evil", "sort"],
      ["order=up", "order"],
      ["at=-1", "at"],
      ["at=after:99999999999999999999.1.0a.n1", "at"],
      ["property=evil&value=1", "property"],
    ]) {
      const response = await page.goto(`/certificates?${query}`);
      expect(response?.status(), query).toBe(422);
      await expect(heading, query).toBeVisible();
      await expect(content(page), query).toContainText(`The address has a “${field}” that does not exist.`);
    }

    for (const query of ["status=%00", "status=active%27--", "authority=../../x", "serial=zz", "expires=%3C-1d"]) {
      const response = await page.goto(`/certificates?${query}`);
      expect(response?.status(), query).toBe(200);
      await expect(content(page).getByText(/^Error: /), query).toBeVisible();
      await expect(content(page).getByText("A part of the filter is not understood.").or(content(page).getByText(/^Only an operator/)).first(), query).toBeVisible();
    }

    // Of an inventory that is not read yet nothing matches anyway.
    await open(page);
    for (const search of ["<script>alert(1)</script>", "%' OR 1=1 --", "\u202e\u0000", "*".repeat(5000), "\"'`><img src=x onerror=alert(1)>"]) {
      const response = await page.goto(`/certificates?q=${encodeURIComponent(search)}`);
      expect(response?.status(), search).toBeLessThan(500);
      await expect(page.getByRole("heading", { level: 1 }), search).toBeVisible();
      await expect(page.getByRole("heading", { name: "No certificate matches" }), search).toBeVisible();
      await expect(rows(page), search).toHaveCount(0);
    }
    expect((await page.goto("/certificates?q=%ff%fe&=&&status"))?.status()).toBeLessThan(500);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();

    const authority = idOf(sandbox.authorities[0]!.arn);
    for (const path of [`${authority}/ffffffffffffffff`, `${authority}/zz`, `${authority}/${"ab".repeat(40)}`, "no-such/0a"]) {
      const response = await page.goto(`/certificates/${path}`);
      expect(response?.status(), path).toBe(404);
      await expect(page.getByRole("heading", { level: 1, name: /^No such (certificate|authority)$/ }), path).toBeVisible();
    }
  });
});
