// The documents, from the page that one wants to know about.
import { content } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";

test("each page leads to what it is, and from there to the runbook", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  await page.goto("/findings");
  await page.getByRole("link", { name: "What is this?" }).click();
  await expect(page).toHaveURL(/\/help\/pages#findings$/);
  await expect(content(page).getByRole("heading", { name: "Findings", exact: true })).toBeInViewport();

  await content(page).getByRole("link", { name: "runbook" }).first().click();
  await expect(page).toHaveURL(/\/help\/runbook$/);
  await content(page)
    .getByRole("navigation", { name: "On this page" })
    .getByRole("link", { name: "2. Collect" })
    .click();
  await expect(page).toHaveURL(/#2-collect$/);
  await expect(content(page).getByRole("heading", { name: "2. Collect" })).toBeInViewport();

  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("navigation", { name: "Main" })).toBeHidden();
  await expect(content(page).getByRole("heading", { name: "6. Afterwards" })).toBeVisible();
});
