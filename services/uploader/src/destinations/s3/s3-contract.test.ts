import { randomUUID } from "node:crypto";
import { givenKeys } from "@polyreel/platform/s3";
import {
  type Fault,
  NEEDS_SEAWEED,
  NEEDS_VERSITYGW,
  openTestBucket,
  type ProxiedRequest,
  refusal,
  type S3Server,
  startVersitygw,
  useSeaweed,
  VERSITYGW,
  type Versitygw,
} from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe } from "vitest";
import { describeDestination } from "../testing/destination-contract.js";
import { S3Destination } from "./s3-destination.js";

const seaweed = useSeaweed();
let second: Versitygw;
beforeAll(async () => {
  if (VERSITYGW) second = await startVersitygw();
});
afterAll(() => second?.close());

async function open(server: Pick<S3Server, "endpoint" | "bucket" | "keys">, endpoint = server.endpoint) {
  const prefix = `campaigns/${randomUUID()}`;
  const bucket = await openTestBucket(server, { prefix });
  const openDestination = () =>
    new S3Destination({
      name: "ads",
      address: `s3://${server.bucket}/${prefix}?endpoint=${endpoint}`,
      keys: givenKeys(server.keys),
      firstDelayMs: 5,
      pageKeys: 2,
    });
  return {
    destination: openDestination(),
    receiptsOutliveChanges: false,
    another: openDestination,
    read: async (path: string) => (await bucket.read(path)).toString(),
    plant: (path: string, text: string) => bucket.write(path, text),
    erase: bucket.erase,
    async version(path: string) {
      const headers = await bucket.headers(path);
      return [headers?.etag, headers?.["last-modified"], headers?.["x-amz-meta-polyreel-write"]];
    },
    files: async () => [...(await bucket.keys()), ...(await bucket.uploads()).map((key) => `upload of ${key}`)],
    close: async () => {},
  };
}

const FAULTS: readonly Fault[] = [
  "reset",
  "lost",
  "cut",
  "slow",
  refusal("503 Service Unavailable", "SlowDown"),
  refusal("500 Internal Server Error", "InternalError"),
];

/** Every fifth request fails in one of these ways. */
const faultOfFifth = ({ number }: ProxiedRequest): Fault | undefined =>
  number % 5 === 0 ? FAULTS[(number / 5) % FAULTS.length] : undefined;

describe("SeaweedFS", NEEDS_SEAWEED, () => {
  describeDestination("a bucket", () => open(seaweed.server));
  describeDestination("a bucket, over a bad line and from a busy server", () => {
    seaweed.proxy.faultOf = faultOfFifth;
    return open(seaweed.server, seaweed.proxy.endpoint);
  });
});

describe("versitygw", NEEDS_VERSITYGW, () => describeDestination("a bucket", () => open(second)));
