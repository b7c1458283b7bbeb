// When certificates expire: a chart with its numbers, a calendar of days, and an address for calendar programs.
import { content, expectEventually } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";

test("the numbers of the chart lead into the list of just these certificates", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  await page.goto("/expiry?by=month");
  await expectEventually(content(page).getByText(/^[\d,]+ certificates that are not revoked expire/), 60);
  await content(page).getByText("The numbers", { exact: true }).click();
  const row = content(page)
    .getByRole("table", { name: "Certificates that expire" })
    .getByRole("row")
    .filter({ has: page.getByRole("link") })
    .first();
  const number = (await row.getByRole("cell").last().innerText()).trim();
  await row.getByRole("link").click();
  await expect(page).toHaveURL(/\/certificates\?.*expires=/);
  await expect(content(page).getByText(new RegExp(`of ${number}\\b`)).first()).toBeVisible();

  await page.goto("/expiry?by=day");
  const calendar = content(page).getByRole("table", { name: "Certificates that expire, by day" });
  await expect(calendar.getByRole("row")).toHaveCount(7);
  await content(page).getByRole("link", { name: "Later" }).click();
  await expect(page).toHaveURL(/from=/);
});

test("an address of one's own shows the days to a calendar program until it is withdrawn", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  await page.goto("/expiry");
  await content(page).getByRole("button", { name: "Make an address" }).click();
  const address = content(page).getByText(/\/calendar\.ics\?key=/);
  await expect(address).toBeVisible();
  const url = (await address.innerText()).trim();
  const stranger = async () => (await fetch(url)).status;
  expect(await stranger()).toBe(200);
  await content(page).getByRole("button", { name: "Withdraw it" }).click();
  await expect(content(page).getByRole("button", { name: "Make an address" })).toBeVisible();
  expect(await stranger()).toBe(404);
});
