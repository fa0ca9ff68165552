// The shop itself: a banner, a cart in the tab, and the events that its pages know of beside those that Headgate's script captures.
const purposes = { all: { analytics: true, ads: true }, measure: { analytics: true, ads: false }, none: { analytics: false, ads: false } };
const banner = document.getElementById('banner');
const chosen = localStorage.getItem('choice');
if (chosen) headgate.consent(purposes[chosen]);
banner.hidden = Boolean(chosen);
for (const button of banner.querySelectorAll('button')) {
  button.onclick = () => {
    localStorage.setItem('choice', button.dataset.choice);
    headgate.consent(purposes[button.dataset.choice]);
    banner.hidden = true;
  };
}

const cart = JSON.parse(sessionStorage.getItem('cart') ?? '[]');
const value = () => Math.round(cart.reduce((sum, item) => sum + item.price * item.quantity, 0) * 100) / 100;
const whole = () => ({ value: value(), currency: 'EUR', items: cart });

const product = document.querySelector('[data-product]');
if (product) {
  const { itemId: id, itemName: name, itemPrice } = product.dataset;
  const item = { id, name, price: Number(itemPrice), quantity: 1 };
  headgate.track('view_item', { value: item.price, currency: 'EUR', items: [item] });
  document.getElementById('add').addEventListener('click', () => {
    cart.push(item);
    sessionStorage.setItem('cart', JSON.stringify(cart));
  });
}

const lines = document.getElementById('lines');
if (lines) {
  for (const { name, price } of cart) {
    const line = document.createElement('li');
    line.textContent = `${name}, ${price.toFixed(2)} EUR`;
    lines.append(line);
  }
  headgate.track('view_cart', whole());
}

const order = document.getElementById('order');
if (order) {
  headgate.track('begin_checkout', whole());
  order.onsubmit = (event) => {
    event.preventDefault();
    headgate.identify(`customer-${Date.now()}`);
    headgate.track('purchase', { transaction_id: `T-${Date.now()}`, ...whole() });
    sessionStorage.removeItem('cart');
    location.href = 'thanks.html';
  };
}
