// The console answers, signs a person in, and comes alive in a browser that runs WASM.
import { expectAccessible, expectHydrated } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";

test("a person signs in and sees the console", async ({ pageOf, javaScriptEnabled }) => {
  const page = await pageOf("auditor");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  if (javaScriptEnabled) {
    await expectHydrated(page);
    await expectAccessible(page);
  }
});
