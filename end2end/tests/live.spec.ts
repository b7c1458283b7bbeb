// What the browser program does to an open page: keeps it fresh, leaves alone what somebody types, says when nothing new
// comes, and sends a form once.
import { content, expectHydrated } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";

/** More than the half minute after which a page is asked for again. */
const AGAIN = 31_000;

test.use({ expectedComplaints: [/net::ERR_FAILED/] });

test("an open page stays fresh, keeps what is typed, and says since when it is not fresh", async ({ pageOf }) => {
  const page = await pageOf("operator");
  await page.clock.install();
  await page.goto("/certificates");
  await expectHydrated(page);
  const heading = page.getByRole("heading", { level: 1 });
  const search = content(page).getByRole("search", { name: "Filter" }).getByLabel("A part of device, subject or serial number");
  await search.fill("typed");
  // A newer page has no such mark.
  const mark = () => heading.evaluate((element) => element.setAttribute("data-old", ""));
  await mark();
  await page.clock.runFor(AGAIN);
  await expect(heading).not.toHaveAttribute("data-old");
  await expect(search).toHaveValue("typed");
  await expect(search).toBeFocused();

  const note = page.locator("#not-refreshed");
  await expect(note).toBeEmpty();
  await page.route("**/certificates", (route) => route.abort());
  await mark();
  await page.clock.runFor(AGAIN);
  await expect(note).toHaveText(/^Not refreshed since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\. Trying again\.$/);
  await expect(heading).toHaveAttribute("data-old");
  await page.unroute("**/certificates");
  await page.clock.runFor(2 * AGAIN);
  await expect(heading).not.toHaveAttribute("data-old");
  await expect(note).toBeEmpty();
});

test("whoever is signed out elsewhere is told, and keeps what they see", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  await page.clock.install();
  await page.goto("/ledger");
  await expectHydrated(page);
  await page.context().clearCookies();
  await page.clock.runFor(AGAIN);
  await expect(page.locator("#not-refreshed")).toHaveText("You are signed out. Load the page again to sign in.");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Ledger");
});

test("a form is sent once", async ({ pageOf }) => {
  const page = await pageOf("operator");
  await page.goto("/runs");
  await expectHydrated(page);
  let sent = 0;
  await page.route("**/api/**", async (route) => {
    sent += 1;
    await new Promise((done) => setTimeout(done, 500));
    await route.fulfill({ contentType: "text/html", body: "<h1>Started</h1>" });
  });
  const button = content(page).getByRole("button", { name: /^Start/ });
  await button.evaluate((element: HTMLButtonElement) => {
    element.form!.requestSubmit(element);
    element.form!.requestSubmit(element);
  });
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Started");
  expect(sent).toBe(1);
});

test("whoever is offline is told so, and nothing is sent", async ({ pageOf }) => {
  const page = await pageOf("operator");
  await page.goto("/revocations/new");
  await expectHydrated(page);
  await content(page).getByLabel("Serial numbers").fill("0a\n0b");
  await page.context().setOffline(true);
  await content(page).getByRole("button", { name: "Show what would happen" }).click();
  await expect(content(page).getByRole("alert")).toContainText("You are offline: nothing was sent");
  await expect(content(page).getByLabel("Serial numbers")).toHaveValue("0a\n0b");
  await page.context().setOffline(false);
});
