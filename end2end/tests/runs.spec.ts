// Runs: what the schedule says, and how a run differs from another one.
import { content } from "../support/pages.ts";
import { run } from "../support/runs.ts";
import { expect, test } from "../support/test.ts";

test("the page of runs says when the next one is due by itself", async ({ sandbox, pageOf }) => {
  const page = await pageOf("auditor");
  await page.goto("/runs");
  const table = content(page).getByRole("table", { name: "Runs by schedule" });
  for (const { name } of sandbox.authorities) {
    const row = table.getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: true }) });
    await expect(row.getByText(/^[\d*]+( [\d*]+){4}$/)).toBeVisible();
    await expect(row.getByText("nothing was due")).toBeVisible();
  }
});

test("a run is held against the one before, number by number", async ({ sandbox, pageOf }) => {
  test.setTimeout(180_000);
  const page = await pageOf("operator");
  const { name } = sandbox.authorities.at(-1)!;
  await run(page, name);
  await run(page, name);
  const still = content(page).getByRole("link", { name: /Still there/ });
  const number = /([\d,]+)/.exec(await still.innerText())![1]!;
  expect(number).not.toBe("0");
  await still.click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Runs of ${name} compared`);
  await expect(page).toHaveURL(/\/compare\?with=[0-9a-f-]+&only=still$/);
  await expect(content(page).getByText(new RegExp(`of ${number}$`))).toBeVisible();
  await expect(content(page).getByRole("link", { name: "Download as CSV" })).toHaveAttribute("href", /only=still/);

  // A kind, then all again, then the form.
  const kinds = content(page).getByRole("table", { name: "Findings by kind and what became of them" });
  await kinds.getByRole("link").first().click();
  await expect(page).toHaveURL(/kind=/);
  await content(page).getByRole("button", { name: "Compare" }).click();
  await expect(page).toHaveURL(/\/compare\?with=[0-9a-f-]+$/);
  const findings = content(page).getByRole("table", { name: "Findings of both runs" });
  await findings.getByRole("rowheader").getByRole("link").first().click();
  await expect(page).toHaveURL(/\/findings\//);
});
