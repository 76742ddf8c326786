/** A secret of each kind that a run receives, easily recognisable in any output. */
export const SECRETS = {
  /** In a source's URL: it grants access to the source. */
  signature: "5ec2e7f00d01",
  /** Of the event stream. */
  nats: "5ec2e7f00d02",
  database: "5ec2e7f00d03",
  /** Of the trace collector. */
  traces: "5ec2e7f00d04",
  /** Other content of an environment. */
  cloud: "5ec2e7f00d05",
  /** Of a destination. */
  destination: "5ec2e7f00d06",
  /** Of signed links. */
  links: "5ec2e7f00d07",
  /** In a webhook's address. */
  webhook: "5ec2e7f00d10",
  /** That signs webhooks; Base64 has its characters. */
  signing: "5ec2e7f00d08",
  /** Of a provider of voices. */
  voices: "5ec2e7f00d11",
  /** That encrypts secrets of the store, two of which are the last two above. */
  master: "5ec2e7f00d12",
  /** Of the mail server. */
  mail: "5ec2e7f00d09",
} as const;

export type Secret = keyof typeof SECRETS;

/** Which secrets occur in some output. They consist of characters that no encoding of URLs or JSON changes. */
export function secretsIn(output: string | Uint8Array): Secret[] {
  const bytes = Buffer.from(output);
  return (Object.keys(SECRETS) as Secret[]).filter((name) => bytes.includes(SECRETS[name]));
}
