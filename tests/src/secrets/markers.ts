/** A secret of each kind that a run is told, made up so that it is found wherever it comes out. */
export const SECRETS = {
  /** Of a source's URL: whoever has it may read the source. */
  signature: "5ec2e7f00d01",
  /** Of the event stream. */
  nats: "5ec2e7f00d02",
  database: "5ec2e7f00d03",
  /** Of the receiver of traces. */
  traces: "5ec2e7f00d04",
  /** What else stands in an environment. */
  cloud: "5ec2e7f00d05",
} as const;

export type Secret = keyof typeof SECRETS;

/** Which secrets come up in what was told. They are made of characters that no encoding of URLs or JSON changes. */
export function secretsIn(told: string | Uint8Array): Secret[] {
  const bytes = Buffer.from(told);
  return (Object.keys(SECRETS) as Secret[]).filter((name) => bytes.includes(SECRETS[name]));
}
