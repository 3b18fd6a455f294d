import { ConfigError } from '@hitscan/core/errors';
import { expect, test } from 'vitest';
import { readMlflowAddress } from './mlflowAddress.ts';

test('an address keeps its path and loses the slash at its end', () => {
  expect(readMlflowAddress('http://localhost:5000', {})).toEqual({ url: 'http://localhost:5000', authorization: null });
  const { url } = readMlflowAddress('https://host/api/v4/projects/7/ml/mlflow/', {});
  expect(url).toBe('https://host/api/v4/projects/7/ml/mlflow');
});

test('credentials come from the environment, user and password first', () => {
  const read = (environment: Record<string, string>) => readMlflowAddress('http://host', environment).authorization;
  expect(read({ MLFLOW_TRACKING_TOKEN: 'abc' })).toBe('Bearer abc');
  const both = { MLFLOW_TRACKING_TOKEN: 'abc', MLFLOW_TRACKING_USERNAME: 'ø', MLFLOW_TRACKING_PASSWORD: 'p:w' };
  expect(read(both)).toBe(`Basic ${Buffer.from('ø:p:w').toString('base64')}`);
  expect(read({ MLFLOW_TRACKING_USERNAME: 'a' })).toBe('Basic YTo=');
});

test.each([
  ['localhost:5000', '--mlflow: must be an address that begins with http:// or https://, got "localhost:5000"'],
  ['file:///tmp/mlruns', '--mlflow: must be an address that begins with http:// or https://, got "file:///tmp/mlruns"'],
  ['', '--mlflow: must be an address that begins with http:// or https://, got ""'],
  ['me:secret@host:5000', '--mlflow: must be an address that begins with http:// or https://, got "…@host:5000"'],
  [
    'http://me:secret@host:5000',
    '--mlflow: must be an address without user and password, got "…@host:5000"; ' +
      'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN',
  ],
  ['http://host/?a=b', '--mlflow: must be an address without ? and #, got "http://host/?a=b"'],
])('%s is refused, and no secret told', (text, message) => {
  expect(() => readMlflowAddress(text, {})).toThrow(new ConfigError('--mlflow', message.replace('--mlflow: ', '')));
});

test('a token that no header can hold is refused without being told', () => {
  const environment = { MLFLOW_TRACKING_TOKEN: 'secret\n' };
  const message = 'MLFLOW_TRACKING_TOKEN: must be of visible ASCII characters, got others among them';
  expect(() => readMlflowAddress('http://host', environment)).toThrow(message);
});
