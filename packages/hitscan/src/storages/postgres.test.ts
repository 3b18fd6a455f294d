import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { expectRefusal } from '../../testing/expectRefusal.ts';
import { openStorage } from './openStorage.ts';
import { openPostgres } from './postgres.ts';

describe('a PostgreSQL server', () => {
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
  });

  /** A server on a port of its own that does something when it is spoken to. */
  async function listen(onConnect: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      onConnect(socket);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as { port: number }).port;
  }

  const addressOf = (port: number, options = '') => `postgresql://alice:secret@127.0.0.1:${port}/studies${options}`;
  /** What a server says to be ready: that no password is needed, and that it waits. */
  const ready = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
  const onceSpokenTo = (answer: (socket: Socket) => void) => (socket: Socket) =>
    void socket.once('data', () => answer(socket));

  test.each<[string, string, string, ((socket: Socket) => void) | null]>([
    ['that is not there', '', 'must be a running server; the connection was refused', null],
    ['that never answers', '?connect_timeout=1', 'must accept the connection within 1 second, did not', () => {}],
    ['that ends the connection', '', 'has gone away', onceSpokenTo((socket) => socket.end())],
    [
      'that speaks HTTP',
      '',
      'must be a PostgreSQL server, answers as a web server does (HTTP)',
      onceSpokenTo((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    ],
    [
      'that speaks HTTP and stays',
      '?connect_timeout=1',
      'answers as a web server does (HTTP)',
      onceSpokenTo((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
    ],
    [
      'that speaks nonsense',
      '?connect_timeout=1',
      'must ',
      onceSpokenTo((socket) => socket.end('nonsense'.repeat(99))),
    ],
    [
      'without TLS',
      '?sslmode=require',
      'must be PostgreSQL (The server does not support SSL',
      onceSpokenTo((socket) => socket.write('N')),
    ],
    ['with a TLS mode that is none', '?sslmode=on', 'sslmode must be one of disable', () => {}],
    ['with a certificate that is not there', '?sslrootcert=/none/root.crt', 'ENOENT', () => {}],
    ['with a time limit that is none', '?connect_timeout=soon', 'connect_timeout must be seconds', () => {}],
  ])('%s', async (_, options, rule, onConnect) => {
    const port = onConnect ? await listen(onConnect) : 1;
    const message = await expectRefusal(() => openStorage(addressOf(port, options)));
    expect(message).toContain(`postgresql://alice@127.0.0.1:${port}/studies: `);
    expect(message).toContain(rule);
    expect(message).not.toContain('secret');
  });

  test('whose name nobody knows', async () => {
    const message = await expectRefusal(() => openStorage('postgresql://alice:secret@host.invalid/studies'));
    expect(message).toMatch(/^postgresql:\/\/alice@host\.invalid\/studies: must be a host that is known/);
  });

  test('that goes silent in the middle is given up', async () => {
    const port = await listen(onceSpokenTo((socket) => socket.write(ready)));
    const message = await expectRefusal(() => openPostgres(new URL(addressOf(port)), { answerMs: 200 }));
    expect(message).toContain('must answer a statement within 0.2 seconds, did not');
  });

  test('that goes away in the middle is spoken of', async () => {
    const port = await listen((socket) => {
      socket.once('data', () => {
        socket.write(ready);
        socket.once('data', () => socket.destroy());
      });
    });
    const message = await expectRefusal(() => openPostgres(new URL(addressOf(port))));
    expect(message).toMatch(/(has gone away|has closed the connection); run the same again to go on/);
  });

  test('that takes its time is waited for, and people told', async () => {
    const port = await listen(() => {});
    const told: string[] = [];
    const opening = openPostgres(new URL(addressOf(port, '?connect_timeout=3')), { notify: (line) => told.push(line) });
    expect(await expectRefusal(() => opening)).toContain('within 3 seconds');
    expect(told).toEqual([
      `Waiting for postgresql://alice@127.0.0.1:${port}/studies to accept the connection, for at most 3 seconds.`,
    ]);
  });
});
