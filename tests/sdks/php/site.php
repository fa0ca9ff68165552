<?php
// A page in PHP, as the built-in server of PHP serves it, with the code of docs/web-servers.md (SNIPPET).
require getenv('SNIPPET');
$_SERVER['REMOTE_ADDR'] = $_SERVER['HTTP_X_REAL_IP']; // what a web server before PHP-FPM says
headgate_track('purchase', ['transaction_id' => $_GET['order'], 'value' => 59.8, 'currency' => 'EUR']);
echo 'Thank you!';
