import { ConfigError } from '@hitscan/core/errors';

/** Where a tracking server is, and by what it knows who asks. */
export interface MlflowAddress {
  /** Without a slash at its end; with a path where the server stands behind one. */
  readonly url: string;
  /** The value of the header, null where nothing is given. */
  readonly authorization: string | null;
}

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/**
 * The address of a tracking server from what `--mlflow` says, and credentials from the environment, as MLflow's own client
 * has them: `MLFLOW_TRACKING_TOKEN`, or `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`, the two before the token.
 *
 * Throws: ConfigError, in which no secret stands.
 */
export function readMlflowAddress(text: string, environment: EnvironmentVariables): MlflowAddress {
  // What stands before an @ may be a password, in an address that is none as well.
  const shown = JSON.stringify(text.replace(/^.*@/s, '…@'));
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new ConfigError('--mlflow', `must be an address that begins with http:// or https://, got ${shown}`);
  }
  if (url.username || url.password) {
    const instead = 'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN';
    throw new ConfigError('--mlflow', `must be an address without user and password, got ${shown}; ${instead}`);
  }
  if (url.search || url.hash) {
    throw new ConfigError('--mlflow', `must be an address without ? and #, got ${shown}`);
  }
  return { url: url.href.replace(/\/+$/, ''), authorization: readAuthorization(environment) };
}

function readAuthorization(environment: EnvironmentVariables): string | null {
  const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: user } = environment;
  if (user) {
    const password = environment.MLFLOW_TRACKING_PASSWORD ?? '';
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }
  if (!token) return null;
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new ConfigError('MLFLOW_TRACKING_TOKEN', 'must be of visible ASCII characters, got others among them');
  }
  return `Bearer ${token}`;
}
