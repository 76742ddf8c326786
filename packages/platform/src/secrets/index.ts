export { readSecretsConfig, type SecretsConfig, secretsDefaults } from "./config.js";
export { FreshSecrets } from "./fresh-secrets.js";
export { KeptSecrets, type SecretInfo, type SecretValue } from "./kept-secrets.js";
export { parseKeyList } from "./key-list.js";
export { makeMasterKey, openMasterKeys, parseMasterKeys } from "./master-keys.js";
export { parseSecretName, type SecretName, secretTitle } from "./secret-name.js";
