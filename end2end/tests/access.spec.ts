// Who gets in, what they find there, and how they leave.
import { content } from "../support/pages.ts";
import { run } from "../support/runs.ts";
import { expect, test } from "../support/test.ts";

const choice = "Who do you want to be?";

test("somebody who is not signed in is led to it, and comes back to the page they asked for", async ({ page }) => {
  await page.goto("/certificates?status=revoked&sort=expiry");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(choice);
  await page.getByRole("button", { name: /^auditor\s/ }).click();
  await page.waitForURL((url) => url.pathname + url.search === "/certificates?status=revoked&sort=expiry");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Certificates");
  await expect(page.getByRole("banner")).toContainText("Amara Diallo");
});

test("signing out ends the session here and at the provider", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  const session = (await page.context().cookies()).find((cookie) => cookie.name === "__Host-sid");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Signed out");
  await page.getByRole("link", { name: "Sign in" }).click();
  // A provider that still knew them would not ask.
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(choice);

  // Whoever kept the cookie has nothing by it.
  await page.context().addCookies([session!]);
  await page.goto("/findings");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(choice);
});

test.describe("without a role", () => {
  test.use({ expectedComplaints: [/the server responded with a status of 403/] });

  test("somebody in no group is told so, on every page", async ({ pageOf }) => {
    const page = await pageOf("stranger");
    for (const path of ["/", "/certificates", "/ledger", "/revocations/new"]) {
      const response = await page.goto(path);
      expect(response?.status(), path).toBe(403);
      await expect(page.getByRole("heading", { level: 1 }), path).toHaveText("You have no role here");
      await expect(page.getByRole("main"), path).toContainText("Sam Novak");
    }
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Signed out");
  });
});

test("an auditor sees everything, and is told why they can change nothing", async ({ sandbox, pageOf }) => {
  await run(await pageOf("operator"), sandbox.authorities[0]!.name);
  const page = await pageOf("auditor");
  const sections = page.getByRole("navigation", { name: "Main" });
  for (const name of ["Overview", "Certificates", "Runs", "Findings", "Revocations", "Activity", "Coverage", "Ledger"]) {
    await sections.getByRole("link", { name }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
  }

  const refused = async (label: string) => {
    const button = content(page).getByRole("button", { name: label, disabled: true }).first();
    await expect(button, label).toBeVisible();
    await expect(button, label).toHaveAccessibleDescription("Only an operator can do this.");
  };
  await page.goto("/runs");
  await refused("Start a run");
  await page.goto("/findings?kind=unauthorized_issuance");
  await content(page).getByRole("rowheader").getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("was issued by");
  for (const label of ["Request revocation", "Acknowledge", "Dismiss"]) await refused(label);
  await content(page).getByRole("link", { name: "See everything about it" }).click();
  await page.waitForURL(/\/certificates\//);
  await refused("Request revocation");
});
