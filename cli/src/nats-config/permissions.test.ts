import {
  type FactName,
  facts,
  type ServiceName,
  serviceNames,
  serviceRequests,
  serviceRights,
} from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deniedToPublish, deniedToSubscribe } from "./testing/denied.js";
import { type NatsUsers, startWithUsers } from "./testing/nats-users.js";

// Each user of the written configuration against each subject: who may do what is read from the table of rights here too,
// but the answers are a nats-server's.

const JOBS = ["shop", "default"];

/** A subject, and the users who may use it, besides the administrator. */
type Case = readonly [subject: string, users: readonly string[]];

const names = Object.keys(facts) as FactName[];
const who = (may: (rights: (typeof serviceRights)[ServiceName], name: ServiceName) => boolean): ServiceName[] =>
  serviceNames.filter((name) => may(serviceRights[name], name));
const matches = (pattern: string, name: string): boolean =>
  pattern.split(".").every((token, i) => token === "*" || token === name.split(".")[i]);

const API = "$JS.API";
const STREAMS = ["POLYREEL", "KV_polyreel-leases", "KV_polyreel-tries", "POLYREEL_JOBS", "POLYREEL_JOBS_REJECTED"];
const OVER_ALL = { "gateway-purges": "gateway", "uploader-manifest": "uploader", "uploader-removals": "uploader" };
/** Services that answer each other. */
const TALKS: Readonly<Record<string, readonly string[]>> = {
  gateway: ["planner", "renderer", "tts", "uploader"],
  planner: ["gateway", "tts", "uploader"],
  tts: ["gateway", "planner"],
  renderer: ["gateway", "renderer"],
  uploader: ["gateway", "planner"],
};

const publishing: readonly Case[] = [
  ...names.map((name): Case => [`polyreel.${name}.b1`, who(({ publishes }) => publishes.includes(name))]),
  ["polyreel-progress.b1", serviceNames],
  ...serviceRequests.flatMap(({ subject }): Case[] => {
    const senders = who(({ sends }) => sends.some((one) => one.subject === subject));
    return [subject, `${subject}-given-up`].map((one) => [one, senders]);
  }),
  ...STREAMS.flatMap((stream): Case[] => [
    ...["CREATE", "UPDATE"].map((call): Case => [`${API}.STREAM.${call}.${stream}`, ["gateway"]]),
    ...["PURGE", "MSG.DELETE"].map(
      (call): Case => [`${API}.STREAM.${call}.${stream}`, stream === "POLYREEL" ? ["gateway"] : []],
    ),
    ...["DELETE", "SNAPSHOT", "RESTORE", "LEADER.STEPDOWN", "PEER.REMOVE"].map(
      (call): Case => [`${API}.STREAM.${call}.${stream}`, []],
    ),
  ]),
  ...names.map(
    (name): Case => [
      `${API}.CONSUMER.CREATE.POLYREEL.c.polyreel.${name}.b1`,
      who(({ reads }) => reads.some((pattern) => matches(pattern, name))),
    ],
  ),
  [`${API}.CONSUMER.CREATE.POLYREEL`, ["gateway"]],
  [`${API}.CONSUMER.CREATE.POLYREEL.c`, []],
  [`${API}.CONSUMER.CREATE.POLYREEL.c.>`, []],
  [`${API}.CONSUMER.CREATE.POLYREEL.c.polyreel.>`, []],
  [`${API}.CONSUMER.DURABLE.CREATE.POLYREEL.c`, []],
  [`${API}.CONSUMER.CREATE.POLYREEL_JOBS.c.polyreel-jobs.shop.submit`, ["gateway"]],
  [`${API}.CONSUMER.CREATE.KV_polyreel-leases.c.>`, []],
  ...Object.entries(OVER_ALL).flatMap(([name, owner]): Case[] => [
    [`${API}.CONSUMER.MSG.NEXT.POLYREEL.${name}`, [owner]],
    [`${API}.CONSUMER.DELETE.POLYREEL.${name}`, [owner]],
    [`${API}.CONSUMER.CREATE.POLYREEL.${name}.polyreel.batch.finished.*`, [owner]],
    [`$JS.ACK.POLYREEL.${name}.1.1.1.1.0`, [owner]],
  ]),
  ...serviceNames.flatMap((name) =>
    serviceRights[name].stages.map((stage): Case => [`$KV.polyreel-tries.${stage}.${stage}-b1.1`, [name]]),
  ),
  ["$KV.polyreel-tries.other.x.1", []],
  ["$KV.polyreel-leases.clean-up", ["gateway"]],
  ["$KV.polyreel-leases.acme.voice.0a", ["tts"]],
  ["$KV.polyreel-leases.voices.acme.0", ["tts"]],
  ["$KV.polyreel-leases.acme.clip.0a", ["renderer"]],
  ...["gateway", "planner", "tts", "renderer", "uploader"].map((to): Case => [`_INBOX_${to}.x.y`, TALKS[to] ?? []]),
  ...["observer", "admin", "jobs-shop"].map((to): Case => [`_INBOX_${to}.x`, []]),
  ["_INBOX.x", []],
  ["polyreel-jobs.submit", ["jobs-default"]],
  ["polyreel-jobs.shop.submit", ["jobs-shop"]],
  ["polyreel-jobs.other.submit", []],
  ["polyreel-jobs.rejected", ["gateway"]],
  ["polyreel-jobs.progress.x", ["gateway"]],
  ["polyreel-jobs.shop.progress.x", ["gateway"]],
  [`${API}.STREAM.INFO.POLYREEL`, [...serviceNames, "observer"]],
  [`${API}.STREAM.MSG.GET.POLYREEL`, [...serviceNames, "observer"]],
  [`${API}.STREAM.LIST`, ["observer"]],
  [`${API}.ACCOUNT.PURGE.POLYREEL`, []],
  ["$SYS.REQ.SERVER.PING", []],
  ["polyreel.batch.submitted", []],
  ["polyreel.batch.submitted.b1.c1", []],
  ["polyreel.other.event.b1", []],
  ["other", []],
];

const listening: readonly Case[] = [
  ...names.map(
    (name): Case => [
      `polyreel.${name}.*`,
      [...who(({ hears = [] }) => hears.some((pattern) => matches(pattern, name))), "observer"],
    ],
  ),
  ["polyreel-progress.*", ["gateway", "observer"]],
  ...serviceRequests.flatMap(({ subject, service }): Case[] =>
    [subject, `${subject}-given-up`].map((one) => [one, [service]]),
  ),
  ...["gateway", "planner", "tts", "renderer", "uploader", "observer", "jobs-shop"].map(
    (user): Case => [`_INBOX_${user}.>`, [user]],
  ),
  ["polyreel-jobs.shop.progress.*", ["jobs-shop", "observer"]],
  ["polyreel-jobs.progress.*", ["jobs-default", "observer"]],
  ["polyreel-jobs.submit", ["observer"]],
  ...["_INBOX.>", "_INBOX_admin.>", "$KV.>", "$JS.API.>", "$SYS.>", ">", "other"].map((subject): Case => [subject, []]),
];

let nats: NatsUsers;
beforeAll(async () => {
  nats = await startWithUsers({ jobs: JOBS });
});
afterAll(() => nats?.close());

const USERS = [...serviceNames, "observer", ...JOBS.map((tenant) => `jobs-${tenant}`)];
const refusedOf = (cases: readonly Case[], user: string): string[] =>
  cases.flatMap(([subject, users]) => (users.includes(user) ? [] : [subject])).sort();
const subjectsOf = (cases: readonly Case[]): string[] => cases.map(([subject]) => subject);

describe.each(USERS)("%s", (user) => {
  it("publishes what the table has, and nothing else", async () => {
    const denied = await deniedToPublish(await nats.connect(user), subjectsOf(publishing));
    expect([...denied].sort()).toEqual(refusedOf(publishing, user));
  });

  it("listens to what the table has, and nothing else", async () => {
    const denied = await deniedToSubscribe(await nats.connect(user), subjectsOf(listening));
    expect([...denied].sort()).toEqual(refusedOf(listening, user));
  });
});

it("has no other users", () => {
  expect(nats.users).toEqual([...serviceNames, "observer", "admin", ...JOBS.map((tenant) => `jobs-${tenant}`)]);
});

it("lets the administrator do all of it", async () => {
  expect(await deniedToSubscribe(await nats.connect("admin"), subjectsOf(listening))).toEqual(new Set());
  expect(await deniedToPublish(await nats.connect("admin"), subjectsOf(publishing))).toEqual(new Set());
});
