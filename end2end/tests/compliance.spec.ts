// What an auditor does: the numbers of a time, the list behind one, the controls, and a pack of evidence.
import { content, expectEventually } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";

test("an auditor finds the numbers of a time, the lists behind them and the controls they serve", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  await page.goto("/");
  await page.getByRole("navigation").getByRole("link", { name: "Compliance" }).first().click();
  // A time that is over: devices are made all the while.
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  await page.goto(`/compliance?from=${day(25)}&to=${day(1)}`);
  const certificates = content(page).getByRole("table", { name: "Certificates by authority and template" });
  await expectEventually(certificates, 60);
  const number = certificates.getByRole("row").nth(1).getByRole("link").first();
  const count = (await number.innerText()).trim();
  await number.click();
  await expect(page).toHaveURL(/\/certificates\?.*issued=/);
  await expect(content(page).getByText(new RegExp(`of ${count}\\b`)).first()).toBeVisible();

  await page.goto("/compliance");
  await content(page).getByLabel("From", { exact: true }).fill("2020-01-01");
  await content(page).getByLabel("To", { exact: true }).fill("2020-01-31");
  await content(page).getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/from=2020-01-01/);
  await expect(content(page).getByText("No certificate was issued, revoked or expired")).toBeVisible();
  await content(page).getByRole("link", { name: "Controls" }).click();
  await expect(content(page).getByRole("row", { name: /AC-3\(2\)/ })).toBeVisible();
  await expect(page).toHaveURL(/controls\?from=2020-01-01/);
});

test("an auditor takes evidence along", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  await page.goto("/compliance");
  await content(page).getByRole("link", { name: "Take evidence along" }).click();
  await content(page).getByRole("button", { name: "Make the file" }).click();
  await expect(page).toHaveURL(/\/compliance\/evidence\/[0-9a-f-]{36}/);
  const file = content(page).getByRole("link", { name: "Download" });
  await expectEventually(file, 60);
  const waiting = page.waitForEvent("download");
  await file.click();
  const download = await waiting;
  expect(download.suggestedFilename()).toMatch(/^evidence-.*\.zip$/);
  expect(await download.failure()).toBeNull();
});
