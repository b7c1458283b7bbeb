// A bad day, guided: from the alarm to an incident, its commands, the request, a colleague's decision, and what the case shows.
import { iam } from "../support/authority.ts";
import { content, expectEventually } from "../support/pages.ts";
import { approve, fillInRequest } from "../support/revocations.ts";
import { run } from "../support/runs.ts";
import { readSandbox, type Sandbox } from "../support/sandbox.ts";
import { startSandbox } from "../support/setup.ts";
import { expect, test as base } from "../support/test.ts";

const STOLEN = 30;
const DENY = '{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}';

const test = base.extend<{}, { own: Sandbox }>({
  own: [
    async ({}, use) => {
      const { data, stop } = await startSandbox(20, STOLEN);
      await use(readSandbox(data));
      await stop();
    },
    { scope: "worker", timeout: 200_000 },
  ],
  sandbox: async ({ own }, use) => use(own),
});

const step = test.step;

test("an incident leads from the alarm to revoked certificates", async ({ sandbox, pageOf }) => {
  test.setTimeout(400_000);
  const [operator, approver] = [await pageOf("operator"), await pageOf("approver")];
  const main = content(operator);
  let path = "";
  const section = (name: string) =>
    content(operator).locator("section").filter({ has: operator.getByRole("heading", { name }) });

  await step("the alarm leads to the caller, and the caller to an incident", async () => {
    for (const { name } of sandbox.authorities) await run(operator, name);
    await operator.goto("/");
    await expectEventually(main.getByRole("link", { name: "field-service" }).first());
    await main.getByRole("link", { name: "field-service" }).first().click();
    await main.getByRole("link", { name: "Open an incident" }).click();
    await expect(main.getByLabel("Title")).toHaveValue("Certificates by field-service");
    await main.getByRole("button", { name: "Open the incident" }).click();
    await operator.waitForURL(/\/incidents\/[0-9a-f-]{36}$/);
    path = new URL(operator.url()).pathname;
    await expect(operator.getByRole("heading", { level: 1 })).toHaveText("Certificates by field-service");
    await expect(operator.getByRole("navigation").getByRole("link", { name: /Incidents.*1 open incident/ })).toBeVisible();
  });

  await step("it has the commands for this caller, and sees in the trail that one was called", async () => {
    const contain = section("1. Contain");
    await expect(contain.getByText("put-role-policy --role-name field-service")).toBeVisible();
    await expect(contain.getByText(/Nothing in the trail stops/)).toBeVisible();
    await iam(sandbox, { Action: "PutRolePolicy", RoleName: "field-service", PolicyName: "AWSRevokeOlderSessions", PolicyDocument: DENY });
    await expectEventually(contain.getByText("Done", { exact: true }));
    await expect(contain.getByText(/PutRolePolicy: AWSRevokeOlderSessions/)).toBeVisible();
  });

  await step("it leads to one form about all of the thief's certificates", async () => {
    await section("4. Revoke").getByRole("link", { name: `Request revocation of ${STOLEN} valid certificates` }).first().click();
    await fillInRequest(operator, "Key compromise", "Issued with the key of a lost tablet.");
    const request = new URL(operator.url()).pathname;
    await approver.goto(request);
    await approve(approver, "As it was agreed by phone.");
  });

  await step("the case shows how it goes on, and what is still missing", async () => {
    await operator.goto(path);
    const revoke = section("4. Revoke");
    await expectEventually(revoke.getByText(/(Executing|Executed|Proven)/).first());
    await expectEventually(revoke.getByText("Done", { exact: true }), 120);
    await expect(main.getByText(/Still open: /).first()).toBeVisible();
    await expect(section("Time line").getByText(/carried out/).first()).toBeVisible();
  });

  await step("what the records do not show is said, and seen by the colleague", async () => {
    await main.getByLabel("Note", { exact: true }).fill("The tablet was found again.");
    await main.getByRole("button", { name: "Keep the note" }).click();
    await expect(main.getByText("The tablet was found again.")).toBeVisible();
    await main.getByLabel("Step", { exact: true }).selectOption({ label: "Rotate and reopen" });
    await main.getByLabel("What of it").selectOption({ label: "Does not apply" });
    await main.getByLabel("Why").fill("The tablet gets no new credentials.");
    await main.getByRole("button", { name: "Say it" }).click();
    await expect(section("6. Rotate and reopen").getByText("Does not apply", { exact: true })).toBeVisible();
    await approver.goto(path);
    await expect(content(approver).getByText("The tablet gets no new credentials.")).toBeVisible();
  });
});
