import type { DescService } from "@bufbuild/protobuf";
import type {
  AccessService,
  AdminService,
  AuditService,
  BatchService,
  DestinationService,
  LinkService,
  NotificationService,
  PresetService,
  SecretService,
  SessionService,
  SourceService,
  UsageService,
  UserService,
  VoiceService,
} from "@polyreel/contract";
import type { Needed } from "./roles.js";

/** Every method of a service: one that is left out does not compile. */
type Rows<S extends DescService> = { readonly [Method in keyof S["method"]]: Needed };

interface Table {
  readonly "polyreel.v1.AccessService": Rows<typeof AccessService>;
  readonly "polyreel.v1.AdminService": Rows<typeof AdminService>;
  readonly "polyreel.v1.AuditService": Rows<typeof AuditService>;
  readonly "polyreel.v1.BatchService": Rows<typeof BatchService>;
  readonly "polyreel.v1.DestinationService": Rows<typeof DestinationService>;
  readonly "polyreel.v1.LinkService": Rows<typeof LinkService>;
  readonly "polyreel.v1.NotificationService": Rows<typeof NotificationService>;
  readonly "polyreel.v1.PresetService": Rows<typeof PresetService>;
  readonly "polyreel.v1.SecretService": Rows<typeof SecretService>;
  readonly "polyreel.v1.SessionService": Rows<typeof SessionService>;
  readonly "polyreel.v1.SourceService": Rows<typeof SourceService>;
  readonly "polyreel.v1.UsageService": Rows<typeof UsageService>;
  readonly "polyreel.v1.UserService": Rows<typeof UserService>;
  readonly "polyreel.v1.VoiceService": Rows<typeof VoiceService>;
}

/** The least role of each method. Routes over plain HTTP state theirs where they are added. */
const METHOD_ROLES: Table = {
  "polyreel.v1.AccessService": {
    getCaller: "viewer",
    getSignInMethods: "anyone",
    createKey: "admin",
    listKeys: "admin",
    revokeKey: "admin",
  },
  "polyreel.v1.AdminService": {
    rebuildReadModel: "operator",
    cleanUp: "admin",
  },
  "polyreel.v1.AuditService": { listAuditLog: "admin" },
  "polyreel.v1.BatchService": {
    submitBatch: "editor",
    getBatch: "viewer",
    getBatchSpecification: "viewer",
    listBatches: "viewer",
    getStats: "viewer",
    listCombinations: "viewer",
    getChoiceCounts: "viewer",
    listFailures: "viewer",
    getCombination: "viewer",
    watchBatch: "viewer",
    watchBatches: "viewer",
    readFacts: "viewer",
    readOutput: "viewer",
    estimateBatch: "viewer",
    cancelBatch: "editor",
    retryBatch: "editor",
    listMissingSources: "viewer",
    replayBatch: "editor",
    deliverCombinations: "editor",
    approveCombinations: "editor",
    rejectCombinations: "editor",
    deleteBatch: "admin",
  },
  "polyreel.v1.DestinationService": { listDestinations: "viewer" },
  // A link permits anyone who has it what its maker may.
  "polyreel.v1.LinkService": { createLink: "editor" },
  "polyreel.v1.NotificationService": {
    listNotifications: "viewer",
    testNotification: "admin",
    resendNotification: "admin",
  },
  "polyreel.v1.PresetService": { listPresets: "viewer" },
  "polyreel.v1.SecretService": {
    setSecret: "admin",
    listSecrets: "admin",
    deleteSecret: "admin",
    rotateSecrets: "operator",
  },
  "polyreel.v1.SessionService": {
    signIn: "anyone",
    refreshSession: "anyone",
    signOut: "viewer",
    listSessions: "viewer",
    revokeSession: "viewer",
    rotateSigningKey: "operator",
  },
  "polyreel.v1.SourceService": {
    putSource: "editor",
    getSource: "viewer",
    listSources: "viewer",
    updateSource: "editor",
    deleteSource: "admin",
  },
  "polyreel.v1.UsageService": { getUsage: "viewer" },
  "polyreel.v1.UserService": {
    createUser: "admin",
    listUsers: "admin",
    updateUser: "admin",
    removeUser: "admin",
    resetPassword: "admin",
    // By a token, or the current password.
    setPassword: "anyone",
  },
  "polyreel.v1.VoiceService": { listVoices: "viewer" },
};

/** The least role of a method; undefined for one that the table lacks. */
export function neededFor(service: string, localName: string): Needed | undefined {
  const rows: Readonly<Record<string, Needed>> | undefined = METHOD_ROLES[service as keyof Table];
  return rows?.[localName];
}
