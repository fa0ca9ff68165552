import express from 'express';
import { track } from './headgate.mjs';

export const app = express();
app.set('trust proxy', 1); // one proxy of yours: req.ip is the visitor's

app.get('/thanks', (req, res) => {
  res.on('finish', () => track(
    { url: `${req.protocol}://${req.host}${req.originalUrl}`, headers: new Headers(req.headers), ip: req.ip },
    'purchase', { transaction_id: req.query.order, value: 59.8, currency: 'EUR' },
  ));
  res.send('Thank you!');
});
