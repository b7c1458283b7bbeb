// The planted trouble, less what tests have taken care of. They share one sandbox, so what a test revokes is remembered
// beside sandbox.json, for those that come after it and in whichever project they run.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { dataFolder, type PlantedCertificate, type Sandbox } from "./sandbox.ts";

const file = () => join(dataFolder(), "end2end-taken.json");

/** Serials that a test is about to revoke, or has revoked. */
export function taken(): string[] {
  return existsSync(file()) ? (JSON.parse(readFileSync(file(), "utf8")) as string[]) : [];
}

/** Reserves a certificate for this test alone. */
export function take(serial: string): void {
  writeFileSync(file(), JSON.stringify([...taken(), serial]));
}

/** A certificate in this trouble that no test has taken. */
export function untouched(sandbox: Sandbox, trouble: string): PlantedCertificate {
  const used = taken();
  const found = sandbox.planted_detail.find((one) => one.trouble === trouble && !used.includes(one.serial));
  if (!found) throw new Error(`every ${trouble} of the sandbox is used up: start it with --reset`);
  return found;
}

/** What a run reports now: serials by kind, sorted. */
export function expectedFindings(sandbox: Sandbox): Record<string, string[]> {
  const used = taken();
  const left = (serials: string[]) => serials.filter((serial) => !used.includes(serial)).sort();
  return Object.fromEntries(Object.entries(sandbox.planted).map(([kind, serials]) => [kind, left(serials)]));
}
