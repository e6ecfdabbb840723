ALTER SYSTEM RECOVER TABLE `d``b`.`t,.b`, `数据`.`表` TO TENANT t WITH 'pool_list=p'
