"""A site in Django with the code of docs/web-servers.md (SNIPPET), served at the port of the command line."""
import os
import sys
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
                   DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
django.setup()
with open(os.environ["SNIPPET"], encoding="utf-8") as snippet:
    exec(snippet.read())  # defines track and send


def thanks(request):
    with transaction.atomic():
        track(request, "purchase", {"transaction_id": request.GET["order"], "value": 59.8, "currency": "EUR"})
    return HttpResponse("Thank you!")


urlpatterns = [path("thanks", thanks)]


def behind_a_proxy(environ, start):
    environ["REMOTE_ADDR"] = environ["HTTP_X_REAL_IP"]
    return application(environ, start)


from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
make_server("127.0.0.1", int(sys.argv[1]), behind_a_proxy).serve_forever()
