import snippet from 'snippet:events';

export const start = async () => snippet({});
