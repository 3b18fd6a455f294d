/** Ways to hold songs out, see layDown; for options, which load nothing else. */
export const protocolNames = ['holdout', 'kfold', 'artist', 'time'] as const;
export type ProtocolName = (typeof protocolNames)[number];
