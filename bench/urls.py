"""Reynard's own routes, and beside them the yardsticks."""

from django.urls import path

from bench import yardsticks
from reynard.urls import urlpatterns as reynard_routes

urlpatterns = [
    *reynard_routes,
    path("bench/floor/<int:size>", yardsticks.floor),
    path("bench/orm/tickets/", yardsticks.tickets),
    path("bench/orm/ticket/<int:number>/", yardsticks.ticket),
    path("bench/orm/ticket/<int:number>/staff_update/", yardsticks.staff_update),
]
