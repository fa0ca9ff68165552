import snippet from 'snippet:pixel';

export const start = () => snippet();
