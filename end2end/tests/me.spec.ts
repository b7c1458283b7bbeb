// What concerns somebody: their own page, their sessions, and the channels through which people are told.
import { content, expectEventually } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";

test("somebody finds their own page behind their name, and ends a session elsewhere", async ({ pageOf }) => {
  const [here, elsewhere] = [await pageOf("operator-approver"), await pageOf("operator-approver")];
  await here.getByRole("banner").getByRole("link", { name: "Bea Lindqvist" }).click();
  await expect(here.getByRole("heading", { level: 1 })).toHaveText("My page");
  await expect(content(here).getByRole("heading", { name: "What waits for me" })).toBeVisible();
  const sessions = content(here).getByRole("table", { name: "My sessions" });
  await expect(sessions.getByText("this one")).toBeVisible();
  // The newest of the others is the one that was begun last.
  const ends = sessions.getByRole("button", { name: "End this session" });
  const others = await ends.count();
  await ends.first().click();
  await expect(ends).toHaveCount(others - 1);
  // Whoever sits there is led to the provider, which may know them still.
  const answer = await elsewhere.request.get("/me", { maxRedirects: 0 });
  expect(answer.headers()["location"]).toMatch(/^\/auth\/login\?/);
});

test("an operator has a test sent to a channel, and sees that it arrived", async ({ pageOf }) => {
  const page = await pageOf("operator");
  await page.goto("/channels");
  const channel = content(page).locator("section").filter({ has: page.getByRole("heading", { name: "everything" }) });
  await channel.getByRole("button", { name: "Send a test to everything" }).click();
  await expect(page).toHaveURL(/\/channels$/);
  await expectEventually(channel.getByText("This is a test of notifications").first());
  await expectEventually(channel.getByText("Delivers", { exact: true }));
});

test("an auditor reads the channels and is told why no test is theirs to send", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  await page.goto("/channels");
  await expect(content(page).getByText("Only an operator can do this.").first()).toBeVisible();
});
