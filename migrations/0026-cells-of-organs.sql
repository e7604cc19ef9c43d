-- Which cells count organs is known to the service, which keeps all of them: nobody looks for them here.
set local lock_timeout = '5s';

drop index rollup_cells_of_organs;
