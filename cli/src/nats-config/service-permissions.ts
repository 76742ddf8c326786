import {
  ATTEMPTS_BUCKET,
  bucketStream,
  type FactPattern,
  JOB_SUBJECTS,
  JOBS_STREAM,
  jobsRoot,
  LEASES_BUCKET,
  progressSubject,
  REJECTED_SUBJECT,
  type ServiceName,
  type ServiceRights,
  STREAM,
  serviceNames,
  serviceRequests,
  serviceRights,
} from "@polyreel/contract";
import { inboxOf, type Permissions } from "./permissions.js";

const API = "$JS.API";
const BUCKETS = [LEASES_BUCKET, ATTEMPTS_BUCKET];

/**
 * The permissions of a service's user, derived from the table of rights. A consumer's name is a single token, which
 * nats-server compares as a whole: a service may pull from, and remove, those consumers of the stream whose names depend on
 * batches, whoever uses them; it can create them for facts that it reads only.
 */
export function servicePermissions(service: ServiceName): Permissions {
  const rights = serviceRights[service];
  return {
    publish: {
      allow: [
        ...rights.publishes.map((name) => `polyreel.${name}.*`),
        progressSubject("*"),
        ...reading(rights),
        ...buckets(rights),
        ...(rights.declares ?? []).flatMap(declaring),
        ...(rights.takesJobs ? takingJobs : []),
        ...rights.sends.flatMap(({ subject }) => [subject, `${subject}-given-up`]),
        ...correspondents(service).map(inboxOf),
      ],
      deny: [...consumersOfOthers(service), ...(rights.leases?.deny ?? []).map(leaseSubject)],
    },
    subscribe: {
      allow: [
        inboxOf(service),
        ...(rights.hears ?? []).map(factSubjects),
        ...(rights.hearsProgress ? [progressSubject("*")] : []),
        ...answered(service).flatMap(({ subject }) => [subject, `${subject}-given-up`]),
      ],
    },
  };
}

const factSubjects = (pattern: FactPattern): string => `polyreel.${pattern}.*`;
const leaseSubject = (lease: string): string => `$KV.${LEASES_BUCKET}.${lease}`;

/** Consumers of the facts that it reads, and messages by position. */
function reading({ reads }: ServiceRights): string[] {
  return [
    ...infoOf(STREAM),
    ...reads.map((pattern) => `${API}.CONSUMER.CREATE.${STREAM}.*.${factSubjects(pattern)}`),
    // One without a filter finds the position of a time.
    ...(reads.includes("*.*") ? [`${API}.CONSUMER.CREATE.${STREAM}`] : []),
    ...usingConsumers(STREAM),
  ];
}

const infoOf = (stream: string): string[] => [`${API}.STREAM.INFO.${stream}`, `${API}.STREAM.MSG.GET.${stream}`];

const usingConsumers = (stream: string): string[] => [
  ...["INFO", "DELETE", "MSG.NEXT"].map((call) => `${API}.CONSUMER.${call}.${stream}.*`),
  `${API}.CONSUMER.LIST.${stream}`,
  `$JS.ACK.${stream}.*.>`,
];

const buckets = ({ stages, leases, keeps = [] }: ServiceRights): string[] => [
  ...keeps.flatMap(keeping),
  ...BUCKETS.map(bucketStream).flatMap(infoOf),
  ...stages.map((stage) => `$KV.${ATTEMPTS_BUCKET}.${stage}.>`),
  ...(leases?.allow ?? []).map(leaseSubject),
];

const keeping = (bucket: string): string[] => [
  ...infoOf(bucketStream(bucket)),
  `${API}.DIRECT.GET.${bucketStream(bucket)}.$KV.${bucket}.>`,
  `$KV.${bucket}.>`,
];

/** Removes messages too, but never the stream. */
const declaring = (stream: string): string[] => [
  `${API}.INFO`,
  `${API}.STREAM.INFO.${stream}`,
  ...["CREATE", "UPDATE"].map((call) => `${API}.STREAM.${call}.${stream}`),
  ...(stream === STREAM ? [`${API}.STREAM.PURGE.${stream}`, `${API}.STREAM.MSG.DELETE.${stream}`] : []),
];

const takingJobs = [
  ...infoOf(JOBS_STREAM),
  ...JOB_SUBJECTS.map((subject) => `${API}.CONSUMER.CREATE.${JOBS_STREAM}.*.${subject}`),
  ...usingConsumers(JOBS_STREAM),
  REJECTED_SUBJECT,
  ...[jobsRoot(), jobsRoot("*")].map((root) => `${root}.progress.*`),
];

const answered = (service: ServiceName) => serviceRequests.filter((request) => request.service === service);

const sentBy = (service: ServiceName): ReadonlySet<string> =>
  new Set(serviceRights[service].sends.map(({ subject }) => subject));

/** Services whose requests it answers, and those that fetch large requests from it. */
const correspondents = (service: ServiceName): ServiceName[] =>
  serviceNames.filter(
    (other) =>
      answered(service).some(({ subject }) => sentBy(other).has(subject)) ||
      answered(other).some(({ subject }) => sentBy(service).has(subject)),
  );

/** Consumers of others with names that do not depend on batches. */
const consumersOfOthers = (service: ServiceName): string[] =>
  serviceNames
    .filter((other) => other !== service)
    .flatMap((other) => serviceRights[other].stagesOverAll ?? [])
    .flatMap((name) => [
      `${API}.CONSUMER.CREATE.${STREAM}.${name}.>`,
      ...["DELETE", "MSG.NEXT"].map((call) => `${API}.CONSUMER.${call}.${STREAM}.${name}`),
      `$JS.ACK.${STREAM}.${name}.>`,
    ]);
