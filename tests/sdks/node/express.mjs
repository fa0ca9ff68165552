import express from 'express';
import { pageView, track } from './headgate.mjs';

export const app = express();
app.set('trust proxy', 1); // one proxy of yours: req.ip is the visitor's

const visitor = (req) => ({ url: `${req.protocol}://${req.host}${req.originalUrl}`, headers: new Headers(req.headers), ip: req.ip });

app.get('/', (req, res) => {
  const script = `${new URL(process.env.HEADGATE_URL).origin}/a.js`;
  res.set('Cache-Control', 'private'); // the id is this view's
  res.send(`<!doctype html><title>Shop</title><script src="${script}" defer data-to="/e?k=PAGE_KEY" data-view="${pageView(visitor(req))}"></script>`);
});

app.get('/thanks', (req, res) => {
  res.on('finish', () => track(visitor(req), 'purchase', { transaction_id: req.query.order, value: 59.8, currency: 'EUR' }));
  res.send('Thank you!');
});
