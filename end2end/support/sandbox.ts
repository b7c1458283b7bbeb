// What the sandbox says of itself in sandbox.json, as far as tests use it.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The variable that tells the tests where a running sandbox keeps its data. */
export const DATA = "COUNTERSIGN_SANDBOX_DATA";

/** Somebody who can sign in at the sandbox's provider. */
export type Person = "operator" | "approver" | "operator-approver" | "auditor" | "stranger";

export interface Sandbox {
  console_url: string;
  people: { username: string; roles: string[] }[];
  /** Serials of the planted trouble, by kind of finding. */
  planted: Record<string, unknown>;
}

export function readSandbox(): Sandbox {
  const data = process.env[DATA];
  if (!data) throw new Error(`${DATA} is not set: no sandbox was started`);
  return JSON.parse(readFileSync(join(data, "sandbox.json"), "utf8")) as Sandbox;
}
