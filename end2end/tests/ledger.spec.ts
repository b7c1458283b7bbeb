// An entry of the ledger: its page, since when others can see it, and the proof that is taken away.
import { content } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";

test("an entry has a page, and a proof to download", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  // Whatever was written first is in a checkpoint within seconds.
  await expect(async () => {
    await page.goto("/ledger?before=2");
    await expect(content(page).getByRole("row").getByText(/^Since \d/)).toBeVisible({ timeout: 1000 });
  }).toPass();
  await content(page).getByRole("rowheader").getByRole("link", { name: "1" }).click();
  await page.waitForURL("**/ledger/entry/1");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Entry 1");
  await expect(content(page).getByText(/^In the checkpoint of \d/)).toBeVisible();
  const link = content(page).getByRole("link", { name: "Download the proof" });
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  expect(download.suggestedFilename()).toBe("entry-1.tlog-proof");
  let text = "";
  for await (const part of await download.createReadStream()) text += String(part);
  expect(text).toMatch(/^c2sp\.org\/tlog-proof@v1\nextra /);
});
