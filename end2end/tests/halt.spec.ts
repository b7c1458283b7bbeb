// A large revocation that goes wrong: all of an authority at once, halted in the middle, let go on by somebody else; and one that
// the CA refuses, tried again.
import type { Page } from "@playwright/test";

import { trouble } from "../support/authority.ts";
import { content, expectEventually } from "../support/pages.ts";
import { approve, fillInRequest } from "../support/revocations.ts";
import { run } from "../support/runs.ts";
import { readSandbox, type Sandbox } from "../support/sandbox.ts";
import { startSandbox } from "../support/setup.ts";
import { expect, test as base } from "../support/test.ts";

/** At 20 calls a second it takes long enough to be halted. */
const DEVICES = 240;

const test = base.extend<{}, { own: Sandbox }>({
  own: [
    async ({}, use) => {
      const { data, stop } = await startSandbox(DEVICES);
      await use(readSandbox(data));
      await stop();
    },
    { scope: "worker", timeout: 200_000 },
  ],
  sandbox: async ({ own }, use) => use(own),
});

const step = test.step;

/** How many calls may be under way when a request is halted: as many as are made in a second. */
const UNDER_WAY = 20;

/** The number that a text of the page has in this place. */
async function number(page: Page, text: RegExp): Promise<number> {
  return Number(text.exec(await content(page).getByText(text).innerText())![1]);
}

async function stepIn(page: Page, button: string, why: string): Promise<void> {
  const panel = content(page).locator("form").filter({ has: page.getByRole("button", { name: button }) });
  await panel.getByLabel("Why").fill(why);
  await panel.getByRole("button", { name: button }).click();
}

test("what is revoked by the hundred can be halted, goes on, and what fails is tried again", async ({ sandbox, pageOf }) => {
  test.setTimeout(300_000);
  const operator = await pageOf("operator");
  const approver = await pageOf("approver");
  const devices = sandbox.authorities[0]!;
  await run(operator, devices.name);

  let request = "";
  let waiting = 0;
  await step("all active certificates of an authority are asked for at once", async () => {
    await operator.goto(`/certificates?authority=${devices.arn.split("/").pop()}&status=active`);
    await content(operator).getByRole("link", { name: /^Request revocation of all/ }).click();
    await fillInRequest(operator, "CA compromise", "The authority's key may have been copied; all of it is replaced.");
    request = new URL(operator.url()).pathname;
  });

  await step("somebody else approves, and anybody can halt it in the middle", async () => {
    await approver.goto(request);
    await approve(approver, "");
    await operator.goto(request);
    await expectEventually(content(operator).getByRole("button", { name: "Halt it" }), 30);
    await stepIn(operator, "Halt it", "The list looks wrong");
    await expect(content(operator).getByRole("heading", { name: "Halted" })).toBeVisible();
  });

  await step("the rest waits, and whoever asked cannot let it go on", async () => {
    waiting = await number(operator, /(\d+) wait for whoever/);
    await expect(content(operator).getByRole("button", { name: "Let it go on", disabled: true })).toBeVisible();
  });

  await step("an approver lets it go on, while the CA refuses what is left", async () => {
    await trouble(sandbox, devices.arn, { revoke: { refused: 1000 } });
    await approver.goto(request);
    await stepIn(approver, "Let it go on", "The list is right");
    await expectEventually(content(approver).getByText("Partly failed", { exact: true }), 60);
    // All that waited when it was halted, less what was under way: nothing was revoked in between.
    const failed = await number(approver, /^The (\d+) failed certificates may go through now/);
    expect(failed).toBeGreaterThan(UNDER_WAY);
    expect(failed).toBeGreaterThanOrEqual(waiting - UNDER_WAY);
  });

  await step("the failed ones are a file, and are tried again under the same approval", async () => {
    await operator.goto(request);
    const link = content(operator).getByRole("link", { name: "Download the failed ones" });
    const file = await operator.request.get((await link.getAttribute("href"))!);
    expect((await file.text()).trim().split("\n").length).toBeGreaterThan(10);
    await trouble(sandbox, devices.arn, {});
    await stepIn(operator, "Try the failed ones again", "Seen to");
    // The inventory has some that the CA never issued: those fail again.
    await expectEventually(content(operator).getByText(/^The [1-9] failed certificates may go through now/), 90);
  });
});
