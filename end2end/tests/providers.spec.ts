// Signing in at providers that are in use elsewhere, each with the settings that docs/PROVIDERS.md has for it: one independent
// implementation, set up to behave like each.
import type { Page } from "@playwright/test";

import { freePort, startConsole } from "../support/console.ts";
import { type Behaviour, startProvider } from "../support/provider.ts";
import { readSandbox } from "../support/sandbox.ts";
import { expect, test as base } from "../support/test.ts";

interface Kind {
  name: string;
  behaviour: Behaviour;
  /** What the console is told of it; `{issuer}` stands for where it is. */
  oidc?: Record<string, string>;
  provesNothing?: boolean;
}

const KINDS: Kind[] = [
  {
    name: "Auth0",
    behaviour: {
      claims: (groups) => ({ "https://pki.example.com/groups": groups, updated_at: "2026-11-18T10:59:07.841Z" }),
    },
    oidc: { groups_claim: "https://pki.example.com/groups" },
  },
  {
    name: "Entra ID",
    behaviour: { claims: (groups) => ({ roles: groups, hasgroups: "true", ver: "2.0" }) },
    oidc: { groups_claim: "roles" },
  },
  { name: "Okta", behaviour: { claims: (groups) => ({ groups }), onlyInUserinfo: true } },
  {
    name: "Keycloak",
    behaviour: { claims: (groups) => ({ realm_access: { roles: ["offline_access", ...groups] } }) },
    oidc: { groups_claim: "/realm_access/roles" },
  },
  {
    name: "Cognito",
    behaviour: { claims: (groups) => ({ "cognito:groups": groups, email_verified: "true", token_use: "id" }) },
    oidc: { groups_claim: "cognito:groups", cognito_logout: "{issuer}/logout" },
  },
  { name: "AD FS", behaviour: { claims: ([group]) => ({ group }) }, oidc: { groups_claim: "group" } },
  {
    name: "Dex",
    behaviour: { claims: (groups) => ({ groups }), ignores: ["prompt", "max_age"] },
    provesNothing: true,
  },
];

interface Elsewhere {
  console: string;
  problems: string[];
}

for (const { name, behaviour, oidc = {}, provesNothing = false } of KINDS) {
  const test = base.extend<{}, { elsewhere: Elsewhere }>({
    elsewhere: [
      async ({}, use) => {
        const sandbox = readSandbox();
        const port = await freePort();
        const console = `http://localhost:${port}`;
        const provider = await startProvider(sandbox.people, console, behaviour);
        const told = Object.entries(oidc).map(([key, value]) => [key, value.replace("{issuer}", provider.issuer)]);
        const section = { issuer: provider.issuer, client_id: provider.clientId, scopes: ["profile", "groups"] };
        const all = { ...section, ...Object.fromEntries(told) };
        const stop = await startConsole(sandbox, port, all, provider.clientSecret);
        await use({ console, problems: provider.problems });
        await stop();
        await provider.stop();
      },
      { scope: "worker", timeout: 120_000 },
    ],
    baseURL: async ({ elsewhere }, use) => use(elsewhere.console),
  });

  test.describe(name, () => {
    test.use({ expectedComplaints: provesNothing ? [/the server responded with a status of 400/] : [] });

    test("an approver signs in, afresh as well, and out", async ({ page, elsewhere }) => {
      await page.goto("/runs");
      await answerAs(page, "approver");
      if (provesNothing) {
        await expect(page.getByText("You can look at everything, but not approve or reject")).toBeVisible();
        await page.getByRole("link", { name: "Go on" }).click();
      }
      await page.waitForURL("**/runs");
      await expect(page.getByRole("banner")).toContainText("approver");

      await page.goto("/auth/login?return=%2Ffindings&fresh=1");
      if (provesNothing) {
        await expectHeading(page, "Signing in did not work");
        await expect(page.getByText("does not say when you proved who you are")).toBeVisible();
        await page.goto("/findings");
      } else {
        await answerAs(page, "approver");
        await page.waitForURL("**/findings");
      }

      await page.getByRole("button", { name: "Sign out" }).click();
      if (!oidc.cognito_logout) {
        await expectHeading(page, "End your session?");
        await page.getByRole("button", { name: "End the session" }).click();
      }
      await expectHeading(page, "Signed out");
      await page.getByRole("link", { name: "Sign in" }).click();
      await expectHeading(page, "Who are you?");
      expect(elsewhere.problems, "what the provider complains of").toEqual([]);
    });
  });
}

async function expectHeading(page: Page, text: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(text);
}

/** Answers the provider's question. */
async function answerAs(page: Page, username: string): Promise<void> {
  await expectHeading(page, "Who are you?");
  await page.getByRole("button", { name: new RegExp(`^${username}\\s`) }).click();
}
