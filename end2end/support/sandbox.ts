// What the sandbox says of itself in sandbox.json, as far as tests use it.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The variable that tells the tests where a running sandbox keeps its data. */
export const DATA = "COUNTERSIGN_SANDBOX_DATA";

export interface Sandbox {
  console_url: string;
  /** What an AWS client needs in its environment to meet this sandbox. */
  env: Record<string, string>;
  authorities: { arn: string }[];
  people: { username: string; name: string; roles: string[] }[];
  /** Serials that a run reports, by kind of finding. Nothing else is wrong. */
  planted: Record<string, string[]>;
}

export function readSandbox(): Sandbox {
  const data = process.env[DATA];
  if (!data) throw new Error(`${DATA} is not set: no sandbox was started`);
  return JSON.parse(readFileSync(join(data, "sandbox.json"), "utf8")) as Sandbox;
}
