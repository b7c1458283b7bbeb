// Signing in at a provider that is not the sandbox's: an independent implementation, with a console of its own. What
// both ends of the protocol were written for together may well be wrong on both.
import type { Page } from "@playwright/test";

import { openHealthyCertificate } from "../support/certificates.ts";
import { freePort, startConsole } from "../support/console.ts";
import { content } from "../support/pages.ts";
import { type IndependentProvider, startProvider } from "../support/provider.ts";
import { requestRevocation } from "../support/revocations.ts";
import { readSandbox } from "../support/sandbox.ts";
import { expect, test as base } from "../support/test.ts";

interface Elsewhere {
  provider: IndependentProvider;
  console: string;
}

const test = base.extend<{ provider: IndependentProvider }, { elsewhere: Elsewhere }>({
  elsewhere: [
    async ({}, use) => {
      const sandbox = readSandbox();
      const port = await freePort();
      const console = `http://localhost:${port}`;
      const provider = await startProvider(sandbox.people, console);
      const oidc = { issuer: provider.issuer, client_id: provider.clientId, scopes: ["profile", "groups"] };
      const stop = await startConsole(sandbox, port, oidc, provider.clientSecret);
      await use({ provider, console });
      await stop();
      await provider.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ elsewhere }, use) => use(elsewhere.console),
  provider: [
    async ({ elsewhere: { provider } }, use) => {
      provider.problems.length = 0;
      await use(provider);
      expect(provider.problems, "what the provider complains of").toEqual([]);
    },
    { auto: true },
  ],
});

const step = test.step;

async function expectHeading(page: Page, text: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(text);
}

/** The provider does not know who is there, or wants to know it anew. */
const expectAsked = (page: Page) => expectHeading(page, "Who are you?");

/** Answers the provider's question; `earlier`: it says that they proved it an hour ago. */
async function answerAs(page: Page, username: string, earlier = false): Promise<void> {
  await page.getByLabel("an hour ago").setChecked(earlier);
  await page.getByRole("button", { name: new RegExp(`^${username}\\s`) }).click();
}

/** Ends the session at the provider, on its own page. */
async function endThere(page: Page): Promise<void> {
  await expectHeading(page, "End your session?");
  await page.getByRole("button", { name: "End the session" }).click();
}

/** The console forgets the browser; the provider does not. */
async function forgetHere(page: Page): Promise<void> {
  await page.context().clearCookies({ name: "__Host-sid" });
}

test("somebody signs in at an independent provider, with their name and their role", async ({ page, provider }) => {
  await page.goto("/findings?kind=duplicate");
  await expectAsked(page);
  expect(page.url()).toContain(provider.issuer);
  await answerAs(page, "operator");
  await page.waitForURL((url) => url.pathname + url.search === "/findings?kind=duplicate");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Overview" }).click();
  await expectHeading(page, "Overview");
  const bar = page.getByRole("banner");
  await expect(bar).toContainText("operator");
  // Issuer and subject are who they are.
  await expect(bar.getByText("Olivia Okafor")).toHaveAttribute("title", `${provider.issuer}|subject-of-operator`);

  await step("whom the provider knows, it does not ask again", async () => {
    await forgetHere(page);
    await page.goto("/runs");
    await page.waitForURL("**/runs");
    await expectHeading(page, "Runs");
  });
});

test.describe("without a right", () => {
  test.use({ expectedComplaints: [/the server responded with a status of 403/] });

  test("an auditor of that provider reads, and requests nothing", async ({ pageOf }) => {
    const page = await pageOf("auditor", "/runs");
    await expect(page.getByRole("banner")).toContainText("auditor");
    const start = content(page).getByRole("button", { name: "Start a run", disabled: true });
    await expect(start).toHaveAccessibleDescription("Only an operator can do this.");
    expect((await page.goto("/revocations/new"))?.status()).toBe(403);
    await expectHeading(page, "Not for your role");
  });

  test("whoever is in no group there has no role here", async ({ pageOf }) => {
    const page = await pageOf("stranger");
    await expectHeading(page, "You have no role here");
    await expect(page.getByRole("main")).toContainText("Sam Novak");
    await page.getByRole("button", { name: "Sign out" }).click();
    await endThere(page);
    await expectHeading(page, "Signed out");
  });
});

test.describe("a decision", () => {
  test.use({ expectedComplaints: [/the server responded with a status of 400/] });

  test("is a fresh sign-in, which the provider is asked for and must prove", async ({ sandbox, page, pageOf }) => {
    const operator = await pageOf("operator");
    await openHealthyCertificate(operator, sandbox, sandbox.authorities[0]!.arn);
    await requestRevocation(operator, "Superseded", "The device has got a new one.");
    const request = new URL(operator.url()).pathname;
    const reject = content(page).getByRole("button", { name: "Reject the request" });

    await step("whoever signed in an hour ago may press the button", async () => {
      await page.goto(request);
      await answerAs(page, "approver", true);
      await page.waitForURL(`**${request}`);
      await expect(reject).toBeEnabled();
    });

    await step("the provider asks although it knows them; a proof of an hour ago decides nothing", async () => {
      await content(page).getByRole("textbox", { name: "Comment" }).fill("The device still needs it.");
      await reject.click();
      await expectAsked(page);
      await answerAs(page, "approver", true);
      await expectHeading(page, "Signing in did not work");
      await page.goto(request);
      await expect(reject).toBeEnabled();
    });

    await step("a new proof is the decision", async () => {
      await content(page).getByRole("textbox", { name: "Comment" }).fill("The device still needs it.");
      await reject.click();
      await expectAsked(page);
      await answerAs(page, "approver");
      await page.waitForURL(/done=rejected$/);
      await expect(content(page).getByText("You have rejected it")).toBeVisible();
    });
  });
});

test("signing out here ends the session there", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  await page.getByRole("button", { name: "Sign out" }).click();
  await endThere(page);
  await expectHeading(page, "Signed out");
  await page.getByRole("link", { name: "Sign in" }).click();
  await expectAsked(page);
});

test("a session that ends there ends here, and no other does", async ({ provider, pageOf }) => {
  const here = await pageOf("auditor");
  const other = await pageOf("auditor");
  await here.goto(provider.endSession);
  await endThere(here);
  await expectHeading(here, "The session has ended");
  await here.goto("/findings");
  await expectAsked(here);
  await other.goto("/findings");
  await expectHeading(other, "Findings");
});
